// Max pooling: the largest element of each window and where it is, the first of equal ones; NaN wins over every number.
#include <limits>
#include <type_traits>

#include "kernels/pool/windows.h"
#include "runtime/atomic.h"

namespace flambeau {
namespace {

template <class T>
constexpr T kLowest = std::numeric_limits<T>::has_infinity ? -std::numeric_limits<T>::infinity()
                                                           : std::numeric_limits<T>::lowest();

template <class T>
inline bool isLarger(T value, T largest) {
  return value > largest || value != value;
}

// Where a window begins; that of one without elements is somewhere in the input.
inline int64_t inside(const Window& w, const PoolAxis& axis) {
  return std::min(w.begin, std::max<int64_t>(axis.in - 1, 0));
}

// Where a plane's results go; the indices may have no address.
template <class T>
struct MaxOutputs {
  T* values;
  int64_t* indices;
};

// One element after the other, for windows of any kind: windows(d, i) is the i-th one of dim d.
template <class T, class Windows>
void poolElements(const PoolGeometry& g, const Windows& windows, const T* plane, MaxOutputs<T> out) {
  const auto [z, y, x] = g.axes;
  for (int64_t oz = 0; oz < z.out; ++oz) {
    const Window wz = windows(0, oz);
    for (int64_t oy = 0; oy < y.out; ++oy) {
      const Window wy = windows(1, oy);
      for (int64_t ox = 0; ox < x.out; ++ox) {
        const Window wx = windows(2, ox);
        T largest = kLowest<T>;
        int64_t index = (inside(wz, z) * y.in + inside(wy, y)) * x.in + inside(wx, x);
        for (int64_t iz = wz.begin; iz < wz.end; iz += z.dilation) {
          for (int64_t iy = wy.begin; iy < wy.end; iy += y.dilation) {
            for (int64_t ix = wx.begin; ix < wx.end; ix += x.dilation) {
              const int64_t at = (iz * y.in + iy) * x.in + ix;
              if (isLarger(plane[at], largest)) largest = plane[at], index = at;
            }
          }
        }
        *out.values++ = largest;
        if (out.indices != nullptr) *out.indices++ = index;
      }
    }
  }
}

// Positions of a row as vectors.
template <class T>
class RowPool {
  using S = Simd<T>;
  typedef std::conditional_t<sizeof(T) == 4, int32_t, int64_t> Place;
  typedef Place Places __attribute__((vector_size(kVectorBytes)));

 public:
  explicit RowPool(const PoolGeometry& g) : g_(g), rows_(g.axes[2]), width_(fullVectors<T>(g.axes[2].out)) {}

  // Whether places fit into lanes as wide as the elements, and a row fills a good part of a vector.
  static bool fits(const PoolGeometry& g) {
    if (g.axes[2].out * 4 < S::width) return false;
    return PhasedRows<T>::fits(g.axes[2]) && (sizeof(T) == 8 || g.inSize() < (int64_t{1} << 31) - 4096);
  }

  void run(const T* plane, MaxOutputs<T> out) const {
    static thread_local ThreadScratch scratch, placeScratch;
    const auto& [z, y, x] = g_.axes;
    const int64_t size = rows_.size();
    T* split = scratch.reserve<T>(z.in * y.in * size + rows_.kSlack);
    for (int64_t r = 0; r < z.in * y.in; ++r) rows_.split(plane + r * x.in, kLowest<T>, split + r * size);
    std::fill(split + z.in * y.in * size, split + z.in * y.in * size + rows_.kSlack, kLowest<T>);
    // Where the window of each position begins along its row, and where the first element of the row in it is.
    Place* columns = placeScratch.reserve<Place>(2 * width_);
    Place* firsts = columns + width_;
    for (int64_t i = 0; i < width_; ++i) {
      columns[i] = static_cast<Place>(i * x.stride - x.padding);
      firsts[i] = columns[i] < 0 ? static_cast<Place>(inside(x.at(std::min(i, x.out - 1)), x)) : columns[i];
    }
    for (int64_t oz = 0; oz < z.out; ++oz) {
      const Window wz = z.at(oz);
      for (int64_t oy = 0; oy < y.out; ++oy) {
        const Window wy = y.at(oy);
        for (int64_t ox = 0; ox < x.out; ox += S::width) {
          const T* from = split + ox;
          const int64_t count = std::min<int64_t>(S::width, x.out - ox);
          if (out.indices == nullptr) {
            poolValues(from, wz, wy, count, out.values + ox);
          } else {
            poolPlaces(from, wz, wy, columns + ox, firsts + ox, count, {out.values + ox, out.indices + ox});
          }
        }
        out.values += x.out;
        if (out.indices != nullptr) out.indices += x.out;
      }
    }
  }

 private:
  // Calls body(values, their place along the row from where the window begins, the row's place in the plane).
  template <class Body>
  void forEachElement(const T* split, const Window& wz, const Window& wy, const Body& body) const {
    const auto& [z, y, x] = g_.axes;
    for (int64_t iz = wz.begin; iz < wz.end; iz += z.dilation) {
      for (int64_t iy = wy.begin; iy < wy.end; iy += y.dilation) {
        const int64_t row = iz * y.in + iy;
        const T* from = split + row * rows_.size();
        for (int64_t k = 0; k < x.kernel; ++k) body(S::load(from + rows_.offsetOf(k)), row * x.in + k * x.dilation);
      }
    }
  }

  static void store(const T* from, int64_t count, T* to) {
    if (count == S::width) {
      S::store(to, S::load(from));
    } else {
      std::copy(from, from + count, to);
    }
  }

  void poolValues(const T* split, const Window& wz, const Window& wy, int64_t count, T* out) const {
    typename S::Vector largest = typename S::Vector{} + kLowest<T>;
    forEachElement(split, wz, wy, [&](typename S::Vector value, int64_t) __attribute__((always_inline)) {
      largest = (value > largest) | (value != value) ? value : largest;
    });
    alignas(kVectorBytes) T values[S::width];
    S::store(values, largest);
    store(values, count, out);
  }

  void poolPlaces(const T* split, const Window& wz, const Window& wy, const Place* columns, const Place* firsts,
                  int64_t count, MaxOutputs<T> out) const {
    const Places column = Simd<Place>::load(columns);
    const int64_t corner = (inside(wz, g_.axes[0]) * g_.axes[1].in + inside(wy, g_.axes[1])) * g_.axes[2].in;
    Places place = Simd<Place>::load(firsts) + static_cast<Place>(corner);
    typename S::Vector largest = typename S::Vector{} + kLowest<T>;
    forEachElement(split, wz, wy, [&](typename S::Vector value, int64_t at) __attribute__((always_inline)) {
      const auto better = (value > largest) | (value != value);
      largest = better ? value : largest;
      place = better ? column + static_cast<Place>(at) : place;
    });
    alignas(kVectorBytes) T values[S::width];
    alignas(kVectorBytes) Place places[S::width];
    S::store(values, largest);
    Simd<Place>::store(places, place);
    store(values, count, out.values);
    std::copy(places, places + count, out.indices);
  }

  const PoolGeometry& g_;
  const PhasedRows<T> rows_;
  const int64_t width_;
};

// Windows that are far apart, or differ: first the largest of each column over the rows that a window sees, as vectors, and
// then along them.
template <class T>
class ColumnPool {
  using S = Simd<T>;
  typedef std::conditional_t<sizeof(T) == 4, int32_t, int64_t> Place;
  typedef Place Places __attribute__((vector_size(kVectorBytes)));

 public:
  explicit ColumnPool(const PoolGeometry& g) : g_(g) {}

  static bool fits(const PoolGeometry& g) {
    const PoolAxis& x = g.axes[2];
    return x.in >= S::width && (x.isAdaptive() || x.stride > 4) && g.axes[0].in * g.axes[1].in < (int64_t{1} << 31);
  }

  void run(const T* plane, MaxOutputs<T> out) const {
    static thread_local ThreadScratch scratch, rowScratch;
    const auto& [z, y, x] = g_.axes;
    T* values = scratch.reserve<T>(x.in);
    Place* rows = rowScratch.reserve<Place>(x.in);
    for (int64_t oz = 0; oz < z.out; ++oz) {
      const Window wz = z.at(oz);
      for (int64_t oy = 0; oy < y.out; ++oy) {
        const Window wy = y.at(oy);
        const auto first = static_cast<Place>(inside(wz, z) * y.in + inside(wy, y));
        poolColumns(plane, wz, wy, first, values, rows);
        for (int64_t ox = 0; ox < x.out; ++ox) {
          const Window wx = x.at(ox);
          T largest = kLowest<T>;
          Place row = first;
          int64_t column = inside(wx, x);
          for (int64_t i = wx.begin; i < wx.end; i += x.dilation) {
            // Of equal elements the first one row after row; of several NaN the last one.
            const T value = values[i];
            const bool isEarlier = rows[i] < row;
            if (value > largest || (value == largest && isEarlier) || (value != value && (largest == largest || !isEarlier))) {
              largest = value, row = rows[i], column = i;
            }
          }
          *out.values++ = largest;
          if (out.indices != nullptr) *out.indices++ = row * x.in + column;
        }
      }
    }
  }

 private:
  // The largest elements of all columns over the rows of a window, and where they are.
  void poolColumns(const T* plane, const Window& wz, const Window& wy, Place first, T* values, Place* rows) const {
    const auto& [z, y, x] = g_.axes;
    for (int64_t next = 0; next < x.in; next += S::width) {
      // The last vector overlaps the one before it.
      const int64_t i = std::min(next, x.in - S::width);
      typename S::Vector largest = typename S::Vector{} + kLowest<T>;
      Places place = Places{} + first;
      for (int64_t iz = wz.begin; iz < wz.end; iz += z.dilation) {
        for (int64_t iy = wy.begin; iy < wy.end; iy += y.dilation) {
          const int64_t row = iz * y.in + iy;
          const typename S::Vector value = S::load(plane + row * x.in + i);
          const auto better = (value > largest) | (value != value);
          largest = better ? value : largest;
          place = better ? Places{} + static_cast<Place>(row) : place;
        }
      }
      S::store(values + i, largest);
      Simd<Place>::store(rows + i, place);
    }
  }

  const PoolGeometry& g_;
};

template <class T>
void pool(const PoolGeometry& g, const T* in, MaxOutputs<T> out) {
  const bool asColumns = ColumnPool<T>::fits(g), asRows = !asColumns && RowPool<T>::fits(g);
  parallelFor(g.planes, planeGrain(g), [&](int64_t begin, int64_t end) {
    const RowPool<T> rows(g);
    const ColumnPool<T> columns(g);
    for (int64_t p = begin; p < end; ++p) {
      const MaxOutputs<T> own = {out.values + p * g.outSize(),
                                 out.indices == nullptr ? nullptr : out.indices + p * g.outSize()};
      if (asColumns) {
        columns.run(in + p * g.inSize(), own);
      } else if (asRows) {
        rows.run(in + p * g.inSize(), own);
      } else {
        poolElements(g, [&](int d, int64_t i) { return g.axes[d].at(i); }, in + p * g.inSize(), own);
      }
    }
  });
}

// The beginning of the i-th window along a dim for a random number in [0, 1).
template <class T>
int64_t randomBegin(const PoolAxis& axis, T sample, int64_t i) {
  if (i == axis.out - 1) return axis.in - axis.kernel;
  const T alpha = static_cast<T>(axis.in - axis.kernel) / static_cast<T>(axis.out - 1);
  const auto whole = [](T value) { return static_cast<int64_t>(value); };
  const int64_t begin = whole((static_cast<T>(i) + sample) * alpha) - whole(sample * alpha);
  return std::clamp<int64_t>(begin, 0, axis.in - axis.kernel);
}

template <class Body>
void dispatchPool(DType dtype, const Body& body) {
  switch (dtype) {
    case DType::Float64: return body(double{});
    case DType::Int64: return body(int64_t{});
    case DType::Int32: return body(int32_t{});
    case DType::Float32: return body(float{});
    default: refuse("max pooling takes float32, float64, int32 and int64");
  }
}

}  // namespace

// (dtype, geometry, input, output, indices or 0), all contiguous: [planes, z, y, x]
FLAMBEAU_KERNEL(maxPool) {
  dispatchPool(params.dtype(), [&]<class T>(T) {
    const PoolGeometry g(params);
    const T* in = params.pointer<T>();
    T* values = params.pointer<T>();
    pool<T>(g, in, {values, params.pointer<int64_t>()});
  });
}

// (dtype, geometry, gradient of the output, indices, gradient of the input), all contiguous. An index out of range is an
// error.
FLAMBEAU_KERNEL(maxPoolBackward) {
  dispatchFloating(params.dtype(), [&]<class T>(T) {
    const PoolGeometry g(params);
    const T* gradOut = params.pointer<T>();
    const int64_t* indices = params.pointer<int64_t>();
    T* grad = params.pointer<T>();
    const int64_t in = g.inSize(), out = g.outSize();
    Atomic<int64_t> wrong{-1};
    parallelFor(g.planes, planeGrain(g), [&](int64_t begin, int64_t end) {
      writePlanes(grad, g, in, begin, end, [&](int64_t p, T* plane) {
        std::fill(plane, plane + in, T(0));
        for (int64_t i = p * out; i < (p + 1) * out; ++i) {
          const auto at = static_cast<uint64_t>(indices[i]);
          if (at >= static_cast<uint64_t>(in)) {
            wrong = i;
            break;
          }
          plane[at] += gradOut[i];
        }
      });
    });
    if (wrong >= 0) params.fail(1, static_cast<double>(indices[wrong]));
  });
}

// The same with windows at random places: (…, random numbers: one for each plane and dim, and how many dims there are)
FLAMBEAU_KERNEL(fractionalMaxPool) {
  dispatchFloating(params.dtype(), [&]<class T>(T) {
    const PoolGeometry g(params);
    const T* in = params.pointer<T>();
    T* values = params.pointer<T>();
    int64_t* indices = params.pointer<int64_t>();
    const T* samples = params.pointer<T>();
    const int64_t dims = params.integer();
    parallelFor(g.planes, planeGrain(g), [&](int64_t begin, int64_t end) {
      for (int64_t p = begin; p < end; ++p) {
        const auto window = [&](int d, int64_t i) -> Window {
          const PoolAxis& axis = g.axes[d];
          if (d < kPoolDims - dims) return {0, axis.in, axis.in};
          // Of two dims the first number is that of the last one.
          const int64_t place = dims == 2 ? kPoolDims - 1 - d : d - (kPoolDims - dims);
          const int64_t first = randomBegin<T>(axis, samples[p * dims + place], i);
          return {first, first + axis.kernel, axis.kernel};
        };
        poolElements<T>(g, window, in + p * g.inSize(), {values + p * g.outSize(), indices + p * g.outSize()});
      }
    });
  });
}

}  // namespace flambeau
