// Images at places that all of them share, as PyTorch's grid_sample gives them, and a colour for what is outside of them.
// The places are those of a grid, or follow from an affine or perspective map.
#include <cstring>

#include "kernels/image/bytes.h"
#include "kernels/kernel.h"
#include "runtime/threads.h"

namespace flambeau {
namespace {

// Places whose neighbours are found at once, and then used for plane after plane: squarish tiles, of which many read the
// same lines of a turned image.
constexpr int kTileRows = 8, kTileColumns = 32, kPlaces = kTileRows * kTileColumns;

struct Size {
  int64_t height, width;
};

// x and y from -1 to 1 for a run of places in a row.
template <class T>
struct Places {
  const T* grid;  // x and y side by side; if there is none the coefficients tell
  T c[9];         // of the affine map, or of the two whose quotient a perspective one is
  bool isPerspective;
  T x0, y0;  // the center of the first pixel
  int64_t width;

  void find(int64_t row, int64_t column, int count, T* __restrict x, T* __restrict y) const {
    if (grid != nullptr) {
      const T* __restrict from = grid + 2 * (row * width + column);
      for (int j = 0; j < count; ++j) x[j] = from[2 * j], y[j] = from[2 * j + 1];
      return;
    }
    const T v = y0 + static_cast<T>(row), start = x0 + static_cast<T>(column);
    for (int j = 0; j < count; ++j) {
      const T u = start + static_cast<T>(j);
      x[j] = c[0] * u + c[1] * v + c[2];
      y[j] = c[3] * u + c[4] * v + c[5];
    }
    if (!isPerspective) return;
    for (int j = 0; j < count; ++j) {
      const T u = start + static_cast<T>(j), divisor = c[6] * u + c[7] * v + c[8];
      x[j] = x[j] / divisor - T(1);
      y[j] = y[j] / divisor - T(1);
    }
  }
};

// A place from -1 to 1 as one among the elements; what is far outside, or nowhere, comes no nearer than just outside.
template <class T>
inline T among(T at, int64_t size) {
  const T place = (at + T(1)) * (T(size) / T(2)) - T(0.5);
  return place > T(-2) && place < T(size + 2) ? place : T(-2);
}

// Two neighbours in a row of an image.
template <class E>
struct Pair {
  E left, right;
};

// What a neighbour adds; one outside of the image is not looked at.
template <class T>
inline T weighed(T value, T weight) {
  return weight < T(0) ? T(0) : value * weight;
}

// Four neighbours, two in each of two rows: those outside of the image have the weight -1.
template <class T>
struct Bilinear {
  static constexpr int kRows = 2;
  int32_t index[kRows][kPlaces];
  T left[kRows][kPlaces], right[kRows][kPlaces];
  T inside[kPlaces];

  void find(const T* __restrict xs, const T* __restrict ys, Size size, int count) {
    const int32_t width = static_cast<int32_t>(size.width), height = static_cast<int32_t>(size.height);
    // No pair may begin with the last pixel.
    const int32_t lastPair = std::max(width * height - 2, 0);
    for (int j = 0; j < count; ++j) {
      const T x = among(xs[j], width), y = among(ys[j], height);
      const T floorX = std::floor(x), floorY = std::floor(y), dx = x - floorX, dy = y - floorY;
      const int32_t column = static_cast<int32_t>(floorX), row = static_cast<int32_t>(floorY);
      const bool hasLeft = column >= 0 && column < width, hasRight = column >= -1 && column < width - 1;
      const T wl = T(1) - dx;
      inside[j] = T(0);
      for (int b = 0; b < kRows; ++b) {
        const bool hasRow = row + b >= 0 && row + b < height;
        const T weight = b == 0 ? T(1) - dy : dy;
        const T first = hasRow && hasLeft ? weight * wl : T(-1), second = hasRow && hasRight ? weight * dx : T(-1);
        const int32_t wanted = (hasRow ? row + b : 0) * width + (hasLeft ? column : 0), at = std::min(wanted, lastPair);
        inside[j] += std::max(first, T(0)) + std::max(second, T(0));
        index[b][j] = at;
        // The weight of the wanted pixel, which is the right neighbour where there is no left one, and of that behind it.
        const T own = hasLeft ? first : second, next = hasLeft ? second : T(-1);
        left[b][j] = at < wanted ? T(-1) : own;
        right[b][j] = at < wanted ? own : next;
      }
    }
  }

  // Gathers are slower than to read pairs one after the other.
  template <class E>
  void values(const E* plane, int64_t pixels, int count, T* __restrict out) const {
    const E twice[] = {plane[0], plane[0]};
    if (pixels == 1) plane = twice;
    Pair<E> pairs[kRows][kPlaces];
    for (int b = 0; b < kRows; ++b) {
      for (int j = 0; j < count; ++j) std::memcpy(&pairs[b][j], plane + index[b][j], sizeof(Pair<E>));
    }
    for (int j = 0; j < count; ++j) {
      const Pair<E>&top = pairs[0][j], &bottom = pairs[1][j];
      out[j] = weighed(static_cast<T>(top.left), left[0][j]) + weighed(static_cast<T>(top.right), right[0][j]) +
               weighed(static_cast<T>(bottom.left), left[1][j]) + weighed(static_cast<T>(bottom.right), right[1][j]);
    }
  }
  void fill(T colour, int count, T* __restrict out) const {
    for (int j = 0; j < count; ++j) out[j] = out[j] * inside[j] + (T(1) - inside[j]) * colour;
  }
};

template <class T>
struct Nearest {
  int32_t index[kPlaces];
  T inside[kPlaces];

  void find(const T* __restrict xs, const T* __restrict ys, Size size, int count) {
    const int32_t width = static_cast<int32_t>(size.width), height = static_cast<int32_t>(size.height);
    for (int j = 0; j < count; ++j) {
      const int32_t column = static_cast<int32_t>(std::nearbyint(among(xs[j], width)));
      const int32_t row = static_cast<int32_t>(std::nearbyint(among(ys[j], height)));
      const bool isInside = column >= 0 && column < width && row >= 0 && row < height;
      inside[j] = isInside ? T(1) : T(0);
      index[j] = isInside ? row * width + column : 0;
    }
  }

  template <class E>
  void values(const E* __restrict plane, int64_t, int count, T* __restrict out) const {
    for (int j = 0; j < count; ++j) {
      const T value = static_cast<T>(plane[index[j]]);
      out[j] = inside[j] != T(0) ? value : T(0);
    }
  }
  void fill(T colour, int count, T* __restrict out) const {
    for (int j = 0; j < count; ++j) out[j] = inside[j] != T(0) ? out[j] : colour;
  }
};

template <class E, class T>
inline void writeRow(const T* values, int count, E* __restrict to) {
  for (int j = 0; j < count; ++j) {
    if constexpr (std::is_same_v<E, T>) to[j] = values[j];
    else to[j] = rounded(values[j]);
  }
}

// E is the type of elements, T that in which is computed.
template <class E, class T, template <class> class Rule>
void sampleImages(Params& params) {
  const int64_t planes = params.integer(), fills = params.integer();
  Size size;
  size.height = params.integer();
  size.width = params.integer();
  const int64_t rows = params.integer();
  Places<T> places;
  places.width = params.integer();
  const T* colours = params.pointer<T>();
  places.grid = params.pointer<T>();
  places.isPerspective = params.flag();
  places.x0 = static_cast<T>(params.number());
  places.y0 = static_cast<T>(params.number());
  for (T& c : places.c) c = static_cast<T>(params.number());
  const E* in = params.pointer<E>();
  E* out = params.pointer<E>();
  if (size.height * size.width > INT32_MAX) refuse("an image has up to 2^31 - 1 pixels");
  if (size.height * size.width == 0) refuse("an image without pixels has no places");
  const int64_t bands = (rows + kTileRows - 1) / kTileRows, beside = (places.width + kTileColumns - 1) / kTileColumns;
  const int64_t count = rows * places.width;
  parallelFor(bands * beside, 1 + kImageGrain / (8 * kPlaces * std::max<int64_t>(1, planes)), [&](int64_t begin, int64_t end) {
    Rule<T> rule;
    T x[kPlaces], y[kPlaces], values[kPlaces];
    for (int64_t i = begin; i < end; ++i) {
      const int64_t row = i / beside * kTileRows, column = i % beside * kTileColumns;
      const int high = static_cast<int>(std::min<int64_t>(kTileRows, rows - row));
      const int wide = static_cast<int>(std::min<int64_t>(kTileColumns, places.width - column)), n = high * wide;
      for (int r = 0; r < high; ++r) places.find(row + r, column, wide, x + r * wide, y + r * wide);
      rule.find(x, y, size, n);
      for (int64_t p = 0; p < planes; ++p) {
        rule.values(in + p * size.height * size.width, size.height * size.width, n, values);
        if (fills > 0) rule.fill(colours[p % fills], n, values);
        E* to = out + p * count + row * places.width + column;
        for (int r = 0; r < high; ++r, to += places.width) writeRow(values + r * wide, wide, to);
      }
    }
  });
}

template <template <class> class Rule>
void sampleOf(DType dtype, Params& params) {
  switch (dtype) {
    case DType::UInt8: return sampleImages<uint8_t, float, Rule>(params);
    case DType::Float32: return sampleImages<float, float, Rule>(params);
    case DType::Float64: return sampleImages<double, double, Rule>(params);
    default: refuse("images are sampled as bytes, float32 or float64");
  }
}

}  // namespace

// (dtype, whether bilinear, planes, colours of the outside or 0, height, width; of the places height and width; the
// colours, grid or 0, whether perspective, center of the first pixel, nine coefficients, input, output)
FLAMBEAU_KERNEL(sampleImages) {
  const DType dtype = params.dtype();
  if (params.flag()) sampleOf<Bilinear>(dtype, params);
  else sampleOf<Nearest>(dtype, params);
}

}  // namespace flambeau
