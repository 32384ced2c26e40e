/*
 * What the machine itself can do, so that the suite can say how near to it a case comes. Reads one question a line
 * and answers with a number:
 *
 *     peak 4 THREADS      multiply-adds of float (8: double), in floating point operations a second
 *     copy BYTES THREADS  seconds that a copy of so many bytes takes, the arrays cut in even parts
 */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#if defined(__AVX512F__)
#define WIDTH 64
#elif defined(__AVX__)
#define WIDTH 32
#else
#define WIDTH 16
#endif

typedef float floats __attribute__((vector_size(WIDTH)));
typedef double doubles __attribute__((vector_size(WIDTH)));

enum { CHAINS = 12, MAX_THREADS = 64, TRIES = 9 };

/* As many independent chains of multiply-adds as hide their latency, and few enough to stay in registers. */
#define DEFINE_CHAINS(NAME, VECTOR)                                                                    \
  static double NAME(long steps) {                                                                     \
    VECTOR chain[CHAINS] = {0}, factor = {0}, term = {0};                                              \
    factor -= -0.5f;                                                                                   \
    term -= -1.0f;                                                                                     \
    for (int i = 0; i < CHAINS; i++) chain[i] -= (float)i; /* equal chains would become one */         \
    for (long step = 0; step < steps; step++) {                                                        \
      _Pragma("GCC unroll 12") for (int i = 0; i < CHAINS; i++) chain[i] = chain[i] * factor + term; \
    }                                                                                                  \
    double sum = 0;                                                                                    \
    for (int i = 0; i < CHAINS; i++) sum += chain[i][0];                                               \
    return sum;                                                                                        \
  }
DEFINE_CHAINS(chains_of_floats, floats)
DEFINE_CHAINS(chains_of_doubles, doubles)

struct part {
  pthread_t thread;
  long repetitions;
  size_t bytes; /* of an element where the question is for the peak */
  char *target, *source;
  double result;
};

static void *multiply_add(void *argument) {
  struct part *part = argument;
  part->result = part->bytes == 8 ? chains_of_doubles(part->repetitions) : chains_of_floats(part->repetitions);
  return NULL;
}

static void *copy(void *argument) {
  struct part *part = argument;
  for (long i = 0; i < part->repetitions; i++) {
    memcpy(part->target, part->source, part->bytes);
    __asm__ volatile("" ::"r"(part->target) : "memory");
  }
  return NULL;
}

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec + time.tv_nsec * 1e-9;
}

static double run(void *(*work)(void *), struct part *parts, int threads, long repetitions) {
  double start = now();
  for (int i = 0; i < threads; i++) {
    parts[i].repetitions = repetitions;
    if (i > 0) pthread_create(&parts[i].thread, NULL, work, &parts[i]);
  }
  work(&parts[0]);
  for (int i = 1; i < threads; i++) pthread_join(parts[i].thread, NULL);
  return now() - start;
}

/* Seconds of one repetition: the best of some tries, each long enough that starting threads does not count. */
static double measure(void *(*work)(void *), struct part *parts, int threads) {
  long repetitions = 1;
  while (run(work, parts, threads, repetitions) < 0.01) repetitions *= 2;
  double best = 1e9;
  for (int i = 0; i < TRIES; i++) {
    double seconds = run(work, parts, threads, repetitions) / repetitions;
    if (seconds < best) best = seconds;
  }
  return best;
}

static double peak(size_t element, int threads) {
  struct part parts[MAX_THREADS] = {0};
  for (int i = 0; i < threads; i++) parts[i].bytes = element;
  return 2.0 * CHAINS * (WIDTH / element) * threads / measure(multiply_add, parts, threads);
}

static double copy_seconds(size_t bytes, int threads) {
  struct part parts[MAX_THREADS] = {0};
  char *source = aligned_alloc(4096, (bytes + 4095) / 4096 * 4096);
  char *target = aligned_alloc(4096, (bytes + 4095) / 4096 * 4096);
  memset(source, 1, bytes);
  memset(target, 2, bytes);
  size_t share = (bytes / threads + 63) / 64 * 64;
  for (int i = 0; i < threads; i++) {
    size_t from = share * i < bytes ? share * i : bytes;
    parts[i].source = source + from;
    parts[i].target = target + from;
    parts[i].bytes = from + share < bytes ? share : bytes - from;
  }
  double seconds = measure(copy, parts, threads);
  free(source);
  free(target);
  return seconds;
}

int main(void) {
  char line[100];
  while (fgets(line, sizeof line, stdin)) {
    size_t size;
    int threads;
    double answer = 0;
    if (sscanf(line, "peak %zu %d", &size, &threads) == 2) answer = peak(size, threads);
    else if (sscanf(line, "copy %zu %d", &size, &threads) == 2) answer = copy_seconds(size, threads);
    printf("%.9g\n", answer);
    fflush(stdout);
  }
  return 0;
}
