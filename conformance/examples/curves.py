"""The program of examples/curves.ts: python3 curves.py"""
import torch
from torch.optim import lr_scheduler as schedules
from torch.optim import swa_utils

STEPS = 100


def valley(point):
    x, y = point[0], point[1]
    return (x - 1) ** 2 + (y - x**2) ** 2 * 100


OPTIMIZERS = {
    "SGD": lambda params: torch.optim.SGD(params, lr=5e-4),
    "SGD with momentum": lambda params: torch.optim.SGD(params, lr=5e-4, momentum=0.9),
    "SGD with Nesterov momentum": lambda params: torch.optim.SGD(params, lr=5e-4, momentum=0.9, nesterov=True),
    "Adadelta": lambda params: torch.optim.Adadelta(params, lr=40),
    "Adagrad": lambda params: torch.optim.Adagrad(params, lr=1.5),
    "Adam": lambda params: torch.optim.Adam(params, lr=0.1),
    "AdamW": lambda params: torch.optim.AdamW(params, lr=0.1),
    "Adamax": lambda params: torch.optim.Adamax(params, lr=0.3),
    "ASGD": lambda params: torch.optim.ASGD(params, lr=5e-4),
    # Over single tensors it multiplied by a momentum too many until PyTorch 2.0.
    "NAdam": lambda params: torch.optim.NAdam(params, lr=0.1, foreach=True),
    "RAdam": lambda params: torch.optim.RAdam(params, lr=5e-3),
    "RMSprop": lambda params: torch.optim.RMSprop(params, lr=0.02),
    "Rprop": lambda params: torch.optim.Rprop(params, lr=0.01),
    "LBFGS": lambda params: torch.optim.LBFGS(params, line_search_fn="strong_wolfe", max_iter=1),
}


def end_of(make):
    point = torch.tensor([-1.5, 2.0], dtype=torch.float64, requires_grad=True)
    optimizer = make([point])

    def closure():
        optimizer.zero_grad()
        loss = valley(point)
        loss.backward()
        return loss

    for _ in range(3 * STEPS):
        optimizer.step(closure)
    return point.tolist()


SCHEDULES = {
    "LambdaLR": lambda o: schedules.LambdaLR(o, lambda epoch: 0.96**epoch),
    "MultiplicativeLR": lambda o: schedules.MultiplicativeLR(o, lambda epoch: 0.97 if epoch < 50 else 0.9),
    "StepLR": lambda o: schedules.StepLR(o, 25, 0.4),
    "MultiStepLR": lambda o: schedules.MultiStepLR(o, [20, 60, 80], 0.3),
    "ConstantLR": lambda o: schedules.ConstantLR(o, 0.3, 20),
    "LinearLR": lambda o: schedules.LinearLR(o, 0.1, 1, 30),
    "ExponentialLR": lambda o: schedules.ExponentialLR(o, 0.96),
    "PolynomialLR": lambda o: schedules.PolynomialLR(o, 100, 2),
    "CosineAnnealingLR": lambda o: schedules.CosineAnnealingLR(o, 50),
    "CosineAnnealingWarmRestarts": lambda o: schedules.CosineAnnealingWarmRestarts(o, 14, 2),
    "ChainedScheduler": lambda o: schedules.ChainedScheduler([schedules.ConstantLR(o, 0.3, 20), schedules.ExponentialLR(o, 0.98)]),
    "SequentialLR": lambda o: schedules.SequentialLR(o, [schedules.LinearLR(o, 0.1, 1, 10), schedules.CosineAnnealingLR(o, 90)], [10]),
    "CyclicLR": lambda o: schedules.CyclicLR(o, 0.1, 1, 12, mode="triangular2"),
    "OneCycleLR": lambda o: schedules.OneCycleLR(o, 1, 101),
    "SWALR": lambda o: swa_utils.SWALR(o, 0.2, 40),
}


def rates_of(make):
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=1, momentum=0.9)
    scheduler = make(optimizer)
    rates = [scheduler.get_last_lr()[0]]
    for _ in range(STEPS):
        optimizer.step()
        scheduler.step()
        rates.append(scheduler.get_last_lr()[0])
    return rates


digits = lambda numbers: "  ".join(f"{number:.3f}" for number in numbers)
for name, make in OPTIMIZERS.items():
    print(f"{name}: {digits(end_of(make))}")
for name, make in SCHEDULES.items():
    rates = rates_of(make)
    print(f"{name}: {digits([rates[at] for at in (0, 10, 25, 50, 75, 100)])}")
