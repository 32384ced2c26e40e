// Matrices of which each element is a vector with a lane for each of several: how they are read from a batch and written.
#pragma once
#include "kernels/linalg/interleaved.h"

namespace flambeau {
namespace interleaved {

template <class T>
using Vector = typename Simd<T>::Vector;
// Integers as wide as T, as comparisons of vectors give them.
template <class T>
using Integers = decltype(Vector<T>{} < Vector<T>{});
template <class T>
using Integer = std::conditional_t<sizeof(T) == 4, int32_t, int64_t>;
template <class T>
Integers<T> everywhere(int64_t i) {
  return Integers<T>{} + static_cast<Integer<T>>(i);
}
template <class T>
Integers<T> all() {
  return everywhere<T>(-1);
}

// Matrices of a batch that are worked on together; the lanes behind the last repeat it.
struct Group {
  int64_t first, count;
  int64_t matrix(int64_t lane) const { return first + std::min(lane, count - 1); }
};

// Reads `size` elements of each matrix: out[e] holds element e of all of them. Square matrices may lie by rows, of so many
// elements, and then come to lie by columns.
template <class T>
void pack(const T* batch, int64_t size, const Group& group, Vector<T>* out, int64_t rowLength = 0) {
  using S = Simd<T>;
  const T* from[S::width];
  for (int lane = 0; lane < S::width; ++lane) from[lane] = batch + group.matrix(lane) * size;
  const int64_t step = rowLength == 0 ? 1 : rowLength, back = step * rowLength - 1;
  Vector<T>* to = out;
  for (int64_t e = 0, last = rowLength; e < size; e += S::width) {
    const int64_t count = std::min<int64_t>(S::width, size - e);
    Vector<T> square[S::width];
    for (int lane = 0; lane < S::width; ++lane) square[lane] = S::load(from[lane] + e, count);
    simd::transpose(square);
    for (int64_t i = 0; i < count; ++i) {
      *to = square[i];
      to += step;
      if (e + i + 1 != last) continue;
      // The next row begins one element behind the begin of this.
      to -= back;
      last += rowLength;
    }
  }
}

// Writes the elements of those matrices whose lane in `taken` is not 0.
template <class T>
void unpack(const Vector<T>* in, int64_t size, const Group& group, const Integers<T>& taken, T* batch) {
  using S = Simd<T>;
  Integer<T> lanes[S::width];
  std::memcpy(lanes, &taken, sizeof lanes);
  for (int64_t e = 0; e < size; e += S::width) {
    const int64_t count = std::min<int64_t>(S::width, size - e);
    Vector<T> square[S::width];
    for (int64_t i = 0; i < S::width; ++i) square[i] = i < count ? in[e + i] : Vector<T>{};
    simd::transpose(square);
    for (int64_t lane = 0; lane < group.count; ++lane) {
      if (lanes[lane] != 0) S::store(batch + (group.first + lane) * size + e, square[lane], count);
    }
  }
}

// Calls body(group, memory) for the groups of a batch, with memory for so many vectors; `work` is about the number of
// multiply-adds for one matrix.
template <class T, class Body>
void forEachGroup(int64_t count, int64_t work, int64_t vectors, const Body& body) {
  constexpr int64_t width = Simd<T>::width;
  const int64_t grain = std::max<int64_t>(1, kGemmGrain / (width * std::max<int64_t>(1, work)));
  parallelFor((count + width - 1) / width, grain, [&](int64_t begin, int64_t end) {
    const Scratch<Vector<T>> memory(vectors);
    for (int64_t i = begin; i < end; ++i) {
      body(Group{i * width, std::min(width, count - i * width)}, memory.get());
    }
  });
}

// Tells which matrices of a group are done.
template <class T>
void note(const Group& group, const Integers<T>& done, int32_t* info) {
  for (int64_t lane = 0; lane < group.count; ++lane) info[group.first + lane] = done[lane] != 0 ? 0 : kLeft;
}

template <class T>
bool any(const Integers<T>& lanes) {
  Integer<T> each[Simd<T>::width], found = 0;
  std::memcpy(each, &lanes, sizeof each);
  for (const Integer<T> one : each) found |= one;
  return found != 0;
}

template <class V>
V sizeOf(V x) {
  return x < V{} ? -x : x;
}

template <class T>
Vector<T> rootOf(const Vector<T>& x) {
  T lanes[Simd<T>::width];
  std::memcpy(lanes, &x, sizeof lanes);
  for (T& lane : lanes) lane = std::sqrt(lane);
  Vector<T> roots;
  std::memcpy(&roots, lanes, sizeof lanes);
  return roots;
}

// Matrices of which each element is a vector.
template <class T>
struct Lanes {
  Vector<T>* data;
  int64_t rowStride, colStride;
  Vector<T>& at(int64_t i, int64_t j) const { return data[i * rowStride + j * colStride]; }
};

}  // namespace interleaved
}  // namespace flambeau
