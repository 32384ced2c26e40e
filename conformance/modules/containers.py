"""Modules of modules, and of parameters."""

from layers import *

family("containers")

x = tensor((3, 4), f64)
layers = [made("Linear", 4, 3), made("ReLU"), made("Linear", 3, 2, bias=False)]
named = {"fc_1": layers[0], "act": layers[1], "last": layers[2]}
module("Sequential")(x)
module("Sequential", *layers)(x)(x[0])(x[:, :3])
module("Sequential", named)(x)
module("Sequential", made("Sequential", *layers), made("Sequential", {"drop": made("Dropout", 0.3)}))(x)
module("Sequential", *[made("ReLU")] * 3, made("Dropout"), made("Dropout"), made("ReLU"))(x)
for kind, empty in (("Sequential", []), ("ModuleList", []), ("ModuleList", [[]])):
    case = module(kind, *empty).then("append", layers[0]).then("extend", layers[1:]).then("insert", 1, made("Tanh"))
    case.then("insert", 4, made("Tanh")).then("pop", 1).then("pop", -1).then("pop", 7)
module("Sequential", *layers).then("insert", 9, made("Tanh"))
module("ModuleList", layers)
module("ModuleList", [made("Linear", 2, 2), made("Linear", 2, 2), made("Linear", 2, 3), made("ModuleList", layers[:2])])
module("ModuleDict")
module("ModuleDict", named)
case = module("ModuleDict", {"b": layers[1]}).then("update", {"a": layers[0], "b": made("GELU")}).then("pop", "b")
case.then("pop", "c").then("clear")
module("ModuleDict", {"list": made("ModuleList", layers), "dict": made("ModuleDict", {"x.y": layers[1]})})
module("ModuleDict", {"": layers[1]})
module("ModuleDict", {"outer": made("ModuleDict", {"": layers[1]})})
module("ParameterList")
rows, single = tensor((2, 3)), tensor((3,), f64)
module("ParameterList", [rows, single]).then("append", tensor(())).then("extend", [rows])
module("ParameterList", [tensor((0, 2)), tensor((1, 1), torch.float16)])
module("ParameterDict")
case = module("ParameterDict", {"left": rows, "right": single}).then("update", {"left": tensor((5,)), "up": tensor(())})
case.then("pop", "left").then("setdefault", "down", tensor((2,))).then("setdefault", "right", tensor((2,)))
case.then("popitem").then("pop", "nothing").then("clear")
