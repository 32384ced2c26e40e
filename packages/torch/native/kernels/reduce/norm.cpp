// The largest and the smallest element, and norms, over some dims of a tensor.
#include "kernels/reduce/fold.h"

namespace flambeau {
namespace {

template <class V>
inline V magnitude(V x) {
  return x < V{} ? -x : x;
}

template <class T>
struct AbsoluteSum : Sum<T> {
  template <class V> V lift(V x) const { return magnitude(x); }
};

template <class T>
struct SquareSum : Sum<T> {
  template <class V> V lift(V x) const { return x * x; }
};

// The largest element. What changes the bits of elements before they are compared makes it the one of largest magnitude,
// or the smallest: one operation in the place of four, each of which takes its time to compile.
template <class T>
struct Extreme : Max<T> {
  using Bits = std::conditional_t<sizeof(T) == 4, int32_t, int64_t>;
  static constexpr Bits kSign = std::numeric_limits<Bits>::min();

  Bits kept, turned;

  Extreme(bool largest, bool ofMagnitudes)
      : kept(ofMagnitudes ? ~kSign : ~Bits(0)), turned(largest ? 0 : std::is_floating_point_v<T> ? kSign : ~Bits(0)) {}

  T lift(T x) const { return asNumber((asBits(x) & kept) ^ turned); }
  template <class V> V lift(V x) const {
    using Lanes = decltype(x == x);
    return reinterpret_cast<V>((reinterpret_cast<Lanes>(x) & kept) ^ turned);
  }
  // The element that a total stands for.
  T elementOf(T total) const { return asNumber(asBits(total) ^ turned); }

 private:
  static Bits asBits(T x) {
    Bits bits;
    std::memcpy(&bits, &x, sizeof bits);
    return bits;
  }
  static T asNumber(Bits bits) {
    T x;
    std::memcpy(&x, &bits, sizeof x);
    return x;
  }
};

template <class T>
struct ExtremeFold : Fold<Extreme<T>> {
  void init(T& total) const { total = this->op.kept < 0 || this->op.turned != 0 ? Extreme<T>::identity : T(0); }
  void store(char* out, char*, const T& total) const { storeAs(this->outType, out, this->op.elementOf(total)); }
  bool storeRow(char* out, int64_t step, const T* totals, int64_t n) const {
    if (step != sizeof(T) || this->outType != ElementTraits<T>::dtype) return false;
    for (int64_t j = 0; j < n; ++j) reinterpret_cast<T*>(out)[j] = this->op.elementOf(totals[j]);
    return true;
  }
};

template <class T>
struct PowerSum : Sum<T> {
  T p;
  T lift(T x) const { return std::pow(std::fabs(x), p); }
  template <class V> V lift(V x) const {
    for (size_t j = 0; j < sizeof(V) / sizeof(T); ++j) x[j] = lift(static_cast<T>(x[j]));
    return x;
  }
};

template <class T>
void norm(const ReductionPlan& plan, double p, DType outType, DType inType) {
  const auto fold = [&]<class Op>(Op op, Finish finish = Finish::Keep, int64_t cost = 1) {
    runReduction(plan, Fold<Op>{op, outType, finish, p, cost}, inType);
  };
  if (p == 1) return fold(AbsoluteSum<T>());
  if (p == 2) return fold(SquareSum<T>(), Finish::Sqrt);
  if (std::isinf(p)) return runReduction(plan, ExtremeFold<T>{{{p > 0, true}, outType}}, inType);
  PowerSum<T> op;
  op.p = static_cast<T>(p);
  fold(op, Finish::Root, 32);
}

}  // namespace

// (dtype, whether the largest, plan)
FLAMBEAU_KERNEL(reduceExtreme) {
  const DType dtype = params.dtype();
  const bool largest = params.flag();
  const ReductionPlan plan(params, itemSize(dtype), itemSize(dtype));
  dispatchRead(dtype, [&]<class T>(T) {
    runReduction(plan, ExtremeFold<T>{{{largest, false}, dtype}}, dtype);
  });
}

// (output dtype, input dtype, p other than 0, plan)
FLAMBEAU_KERNEL(reduceNorm) {
  const DType outType = params.dtype(), inType = params.dtype();
  const double p = params.number();
  const ReductionPlan plan(params, itemSize(inType), itemSize(outType));
  dispatchFloating(computedIn(inType), [&]<class T>(T) { norm<T>(plan, p, outType, inType); });
}

}  // namespace flambeau
