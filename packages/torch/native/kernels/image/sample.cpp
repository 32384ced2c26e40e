// Images at places that all of them share, as PyTorch's grid_sample gives them, and a colour for what is outside of them.
// The places are those of a grid, or follow from an affine or perspective map.
#include "kernels/image/bytes.h"
#include "kernels/kernel.h"
#include "runtime/threads.h"

namespace flambeau {
namespace {

// Places whose neighbours are found at once, and then used for plane after plane.
constexpr int kPlaces = 256;

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

// Four neighbours, of which those outside of the image have no weight.
template <class T>
struct Bilinear {
  static constexpr int kNeighbours = 4;
  int32_t index[kNeighbours][kPlaces];
  T weight[kNeighbours][kPlaces];
  T inside[kPlaces];

  void find(const T* __restrict xs, const T* __restrict ys, Size size, int count) {
    const int32_t width = static_cast<int32_t>(size.width), height = static_cast<int32_t>(size.height);
    for (int j = 0; j < count; ++j) {
      const T x = among(xs[j], width), y = among(ys[j], height);
      const T left = std::floor(x), top = std::floor(y), dx = x - left, dy = y - top;
      const int32_t column = static_cast<int32_t>(left), row = static_cast<int32_t>(top);
      const bool hasLeft = column >= 0 && column < width, hasRight = column >= -1 && column < width - 1;
      const bool hasTop = row >= 0 && row < height, hasBottom = row >= -1 && row < height - 1;
      const T wl = hasLeft ? T(1) - dx : T(0), wr = hasRight ? dx : T(0);
      const T wt = hasTop ? T(1) - dy : T(0), wb = hasBottom ? dy : T(0);
      const int32_t l = hasLeft ? column : 0, r = hasRight ? column + 1 : 0;
      const int32_t t = (hasTop ? row : 0) * width, b = (hasBottom ? row + 1 : 0) * width;
      index[0][j] = t + l;
      index[1][j] = t + r;
      index[2][j] = b + l;
      index[3][j] = b + r;
      weight[0][j] = wt * wl;
      weight[1][j] = wt * wr;
      weight[2][j] = wb * wl;
      weight[3][j] = wb * wr;
      inside[j] = wt * wl + wt * wr + wb * wl + wb * wr;
    }
  }

  template <class E>
  void values(const E* __restrict plane, int count, T* __restrict out) const {
    for (int j = 0; j < count; ++j) {
      out[j] = static_cast<T>(plane[index[0][j]]) * weight[0][j] + static_cast<T>(plane[index[1][j]]) * weight[1][j] +
               static_cast<T>(plane[index[2][j]]) * weight[2][j] + static_cast<T>(plane[index[3][j]]) * weight[3][j];
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
  void values(const E* __restrict plane, int count, T* __restrict out) const {
    for (int j = 0; j < count; ++j) {
      const T value = static_cast<T>(plane[index[j]]);
      out[j] = inside[j] != T(0) ? value : T(0);
    }
  }
  void fill(T colour, int count, T* __restrict out) const {
    for (int j = 0; j < count; ++j) out[j] = inside[j] != T(0) ? out[j] : colour;
  }
};

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
  const int64_t pieces = (places.width + kPlaces - 1) / kPlaces, count = rows * places.width;
  parallelFor(rows * pieces, 1 + kImageGrain / (8 * kPlaces * std::max<int64_t>(1, planes)), [&](int64_t begin, int64_t end) {
    Rule<T> rule;
    T x[kPlaces], y[kPlaces], values[kPlaces];
    for (int64_t i = begin; i < end; ++i) {
      const int64_t row = i / pieces, column = i % pieces * kPlaces;
      const int n = static_cast<int>(std::min<int64_t>(kPlaces, places.width - column));
      places.find(row, column, n, x, y);
      rule.find(x, y, size, n);
      for (int64_t p = 0; p < planes; ++p) {
        const E* plane = in + p * size.height * size.width;
        E* __restrict to = out + p * count + row * places.width + column;
        T* const found = [&] {
          if constexpr (std::is_same_v<E, T>) return to;
          else return values;
        }();
        rule.values(plane, n, found);
        if (fills > 0) rule.fill(colours[p % fills], n, found);
        if constexpr (!std::is_same_v<E, T>) {
          for (int j = 0; j < n; ++j) to[j] = rounded(values[j]);
        }
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
