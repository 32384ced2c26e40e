// Fourier transforms along a dim.
#include "kernels/fft/lines.h"
#include "kernels/fft/real.h"
#include "kernels/reduce/lanes.h"

namespace flambeau {
namespace {

using namespace fft;

// Codes are part of the contract with src/backend/cpu/fourier.ts.
enum class Kind { Complex, FromReal, ToReal, WholeFromReal };

// Lines up to this length are transformed side by side; longer ones would leave the caches.
constexpr int64_t kLongestSide = 8192;

// What it costs a vector to gather or scatter its numbers, where a square of them can be transposed, and one by one.
constexpr int64_t kTransposed = 25, kScattered = 60;

// What it costs more to take apart or put together the numbers of one real line than of several side by side.
constexpr int64_t kMirrored = 20;

// Bytes of lines side by side up to which the passes over them stay in the nearest cache.
constexpr int64_t kNear = 52000;

// The transform of lines of length n in a dtype of numbers T.
template <class T>
class Transform {
 public:
  Transform(Params& params, Kind kind)
      : kind_(kind),
        backward_(params.flag()),
        scale_(static_cast<T>(params.number())),
        lanes_(params, {kind == Kind::ToReal ? kNumber : 2 * kNumber, takesReal() ? kNumber : 2 * kNumber}),
        n_(lanes_.length),
        length_(isWhole() ? n_ : complexLength(n_)),
        outStep_(lanes_.strides[0] / kNumber),
        inStep_(lanes_.strides[1] / kNumber) {}

  void run() {
    const int64_t lines = lanes_.outer.numel();
    if (lines == 0 || n_ == 0) return;
    plan_ = planOf<LinePlan<T>>(length_);
    if (sideBySide()) passes_ = planOf<Passes<T>>(length_);
    lanes_.outer.forEachRow([&](char** p, const int64_t* strides, int64_t count) {
      runRow(reinterpret_cast<T*>(p[0]), strides[0] / kNumber, reinterpret_cast<const T*>(p[1]), strides[1] / kNumber, count, lines == 1);
    }, 4 * n_);
  }

 private:
  // Whether the output has all numbers of a transform, and whether the input has real ones.
  bool isWhole() const { return kind_ == Kind::Complex || kind_ == Kind::WholeFromReal; }
  bool takesReal() const { return kind_ == Kind::FromReal || kind_ == Kind::WholeFromReal; }

  static constexpr int kNumber = sizeof(T);
  static constexpr int64_t width = Simd<T>::width;

  // Whether that takes less time than one line after the other.
  bool sideBySide() const {
    const StridedLoop<2>& loop = lanes_.outer;
    const int64_t lines = loop.shape[0];
    if (lines == 1 || plan_->sideCost() == 0 || length_ > kLongestSide) return false;
    const auto moving = [](int64_t lane, int64_t step) {
      if (lane <= 2 * kNumber) return int64_t{0};
      return step <= 2 * kNumber ? kTransposed : kScattered;
    };
    const int64_t moved = moving(loop.strides[0][0], lanes_.strides[0]) + moving(loop.strides[1][0], lanes_.strides[1]);
    const bool near = length_ * 4 * width * kNumber <= kNear;
    const int64_t side = (near ? plan_->sideCost() : plan_->sideCost() * 4 / 3) + moved;
    const int64_t alone = plan_->cost() + moving(lanes_.strides[0], kNear) + moving(lanes_.strides[1], kNear) + (isWhole() ? 0 : kMirrored);
    return side * ((lines + width - 1) / width * width) < alone * lines;
  }

  Lines<const T> placeOf(const T* p, int64_t lane) const {
    if (kind_ == Kind::FromReal) return asComplex(p, inStep_, lane, n_);
    return {p, kind_ == Kind::WholeFromReal ? nullptr : p + 1, inStep_, lane};
  }
  Lines<T> placeOf(T* p, int64_t lane) const {
    if (kind_ == Kind::ToReal) return asComplex(p, outStep_, lane, n_);
    return {p, p + 1, outStep_, lane};
  }

  // Asks for the memory of lines that are going to be written: that of a new tensor is in no near cache.
  void fetchOutput(const T* out, int64_t lane, int64_t count) const {
    if (outStep_ > 2 || n_ > kLongestSide) return;
    const int64_t numbers = kind_ == Kind::FromReal ? n_ + 2 : kind_ == Kind::ToReal ? n_ : 2 * n_;
    for (int64_t i = 0; i < count; ++i) {
      for (int64_t j = 0; j < numbers; j += 64 / kNumber) __builtin_prefetch(out + i * lane + j, 0, 2);
    }
  }

  void runRow(T* out, int64_t outLane, const T* in, int64_t inLane, int64_t count, bool threaded) const {
    const int64_t together = passes_ ? width : 1;
    for (int64_t i = 0; i < count; i += together) {
      const Lines<const T> from = placeOf(in + i * inLane, inLane);
      const Lines<T> to = placeOf(out + i * outLane, outLane);
      fetchOutput(out + i * outLane, outLane, std::min(together, count - i));
      if (passes_) runSides(from, to, std::min(width, count - i));
      else runLine(from, to, threaded);
    }
  }

  Scales<T> scales(T scale) const { return {scale, backward_ ? -scale : scale}; }

  void runSides(Lines<const T> in, Lines<T> out, int64_t count) const {
    const Sides<T> sides(length_ + 1);
    const auto rootAt = [&](int64_t k) { return plan_->halfRoot(k); };
    const auto within = [](ComplexVector<T>* v) {
      T* p = reinterpret_cast<T*>(v);
      return Lines<T>{p, p + width, 2 * width, 1};
    };
    const auto apartFrom = [&](const ComplexVector<T>* v) { return v == sides.data ? sides.other : sides.data; };
    const int64_t half = n_ / 2 + 1;
    if (kind_ == Kind::ToReal) {
      in.load(sides.other, half, count);
      beginReal<false>(within(sides.other).fixed(), within(sides.data), n_, width, rootAt, scales(scale_));
      for (int64_t j = 0; j < length_; ++j) std::swap(sides.data[j].re, sides.data[j].im);
      const ComplexVector<T>* result = passes_->run(sides.data, sides.other);
      return out.swapped().store(result, T(1), length_, count);
    }
    const bool inverse = isWhole() && backward_;
    const Lines<const T> from = inverse ? in.swapped() : in;
    from.load(sides.data, length_, count);
    ComplexVector<T>* result = passes_->run(sides.data, sides.other);
    if (kind_ == Kind::FromReal) {
      ComplexVector<T>* finished = apartFrom(result);
      finishReal<false>(within(result).fixed(), within(finished), n_, width, rootAt, scales(scale_));
      return out.store(finished, T(1), half, count);
    }
    const Lines<T> to = inverse ? out.swapped() : out;
    to.store(result, scale_, length_, count);
  }

  void runLine(Lines<const T> in, Lines<T> out, bool threaded) const {
    if (isWhole()) {
      return backward_ ? plan_->run(in.swapped(), out.swapped(), scale_, threaded) : plan_->run(in, out, scale_, threaded);
    }
    static thread_local ThreadScratch scratch;
    Room room(scratch);
    const int64_t padded = (length_ + width - 1) / width * width;
    T* re = room.reserve<T>(2 * padded);
    T* im = re + padded;
    const auto rootAt = [&](int64_t k) { return plan_->halfRoots(k); };
    if (kind_ == Kind::FromReal) {
      plan_->run(in, {re, im, 1, 1}, T(1), threaded);
      finishReal<true>({re, im, 1, 1}, out.along(), n_, 1, rootAt, scales(scale_));
    } else {
      beginReal<true>(in.along(), {re, im, 1, 1}, n_, 1, rootAt, scales(scale_));
      plan_->run({im, re, 1, 1}, out.swapped(), T(1), threaded);
    }
  }

  Kind kind_;
  bool backward_;
  T scale_;
  LaneLoop<2> lanes_;  // of the output and the input
  int64_t n_, length_, outStep_, inStep_;
  std::shared_ptr<const LinePlan<T>> plan_;
  std::shared_ptr<const Passes<T>> passes_;  // if lines are transformed side by side
};

}  // namespace

// (dtype of the numbers, kind, whether backward, factor, lanes of output, input): the sum of x e^(∓2πi jk/n) times the
// factor. `FromReal` gives the first n/2 + 1 numbers, backward their conjugates, `WholeFromReal` all; `ToReal` takes as
// many as the first gives, and is backward unless their conjugates are taken. In the lanes, the length is n.
FLAMBEAU_KERNEL(fourier) {
  dispatchFloating(params.dtype(), [&]<class T>(T) {
    const auto kind = static_cast<Kind>(params.integer());
    Transform<T>(params, kind).run();
  });
}

}  // namespace flambeau
