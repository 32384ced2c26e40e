// Buffers on their way from one thread to another.
//
// A message between threads names a buffer by a token, a number that nobody can guess; only this table knows the
// address. So no message, however it came to be, leads to memory that was not lent, or to more of it.
#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>

namespace flambeau {

struct LentBuffer {
  void* buffer;
  size_t nbytes;
};

// Adds a reference for each of the receivers, and returns the token with which each of them takes its own.
uint64_t lendBuffer(void* buffer, size_t nbytes, int receivers);
// Takes a reference over; nothing if the token is unknown, or as many as there were receivers took theirs.
std::optional<LentBuffer> adoptBuffer(uint64_t token);

}  // namespace flambeau
