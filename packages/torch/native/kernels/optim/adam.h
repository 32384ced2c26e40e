// What Adam and its kin have in common: the numbers of a group, and how weight decay is done.
#pragma once
#include "kernels/optim/steps.h"

namespace flambeau {

template <class T>
struct AdamNumbers {
  double rate, decay1, decay2;
  T beta1, keep1, beta2, keep2, eps, weightDecay, shrink, sign;
  bool decoupled;

  // lr, beta1, beta2, eps, weight decay; `readFlags` reads the rest, after numbers of a rule's own.
  explicit AdamNumbers(Params& params) : rate(params.number()), decay1(params.number()), decay2(params.number()) {
    beta1 = static_cast<T>(decay1);
    keep1 = static_cast<T>(1 - decay1);
    beta2 = static_cast<T>(decay2);
    keep2 = static_cast<T>(1 - decay2);
    eps = static_cast<T>(params.number());
    const double factor = params.number();
    weightDecay = static_cast<T>(factor);
    shrink = static_cast<T>(1 - rate * factor);
  }

  // Whether weight decay is decoupled from the gradient, and whether the objective is maximized.
  void readFlags(Params& params) {
    decoupled = params.flag();
    sign = params.flag() ? T(-1) : T(1);
  }

  // Calls body with constants for whether weight decay goes into the gradient, and whether it shrinks the parameter.
  template <class Body>
  void chooseDecay(const Body& body) const {
    choose(weightDecay != 0 && !decoupled, weightDecay != 0 && decoupled, body);
  }
};

}  // namespace flambeau
