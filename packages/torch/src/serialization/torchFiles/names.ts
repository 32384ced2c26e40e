/**
 * What a file of PyTorch's may name: containers, tensors and their parts, dtypes, and what a person has added. Each is
 * a plain function here that makes data of data; there is no way from a file to any other code.
 */
import { Complex } from "../../core/complex.js";
import { DType, dtypes } from "../../core/dtype.js";
import { type Callee, Dict, Items, Promised } from "../pickle/objects.js";
import type { Unpickler } from "../pickle/unpickler.js";
import { findNumpy } from "./numpyObjects.js";
import { safeGlobal } from "./safeGlobals.js";
import { findStorageType, type StorageRef } from "./storages.js";
import { StoredTensor } from "./tensors.js";

type Args = readonly unknown[];
type Make = (args: Args, machine: Unpickler) => unknown;

/** What a name stands for, once it is known who reads. */
export function findName(name: string, machine: Unpickler): unknown {
  // Python 2 has another name for the same module.
  const make = functions.get(name.replace(/^__builtin__\./, "builtins."));
  if (make !== undefined) return callee(name, (args) => make(args, machine));
  const own = safeGlobal(name);
  if (own !== undefined) return callee(name, (args) => new Promised(own, args));
  return findNumpy(name, machine) ?? inert(name) ?? dtypeNamed(name) ?? findStorageType(name) ?? refuse(name, machine);
}

function callee(name: string, call: (args: Args) => unknown): Callee {
  return { name, call };
}

/** Classes that are named and never called: types of elements of a container, and old types of tensors. */
function inert(name: string): Callee | undefined {
  const isInert = /^(builtins|__builtin__)\.(list|dict|int|float|str|bool|tuple)$|^torch\.(cuda\.)?\w*Tensor$/.test(
    name,
  );
  return isInert ? { name } : undefined;
}

const dtypeNames = new Map(dtypes.map((dtype) => [`torch.${dtype.name}`, dtype]));

/** Dtypes that PyTorch has, and there are none of here. */
const missingDtype = /^torch\.(complex\d+|cfloat|cdouble|chalf|u?int\d+|float\d\w*|quint\w+|qint\w+|bits\w+)$/;

function dtypeNamed(name: string): DType | undefined {
  const dtype = dtypeNames.get(name);
  if (dtype === undefined && missingDtype.test(name)) throw new Error(`the dtype ${name} does not exist here`);
  return dtype;
}

function refuse(name: string, { cursor }: Unpickler): never {
  const file = cursor.source.name;
  throw new Error(
    `${file} holds an object of the Python class or function ${name}, and nothing of that kind is made of a file: a file could run any code so. ` +
      "If it is a whole model, save its numbers alone, in Python: " +
      'torch.save(torch.load("model.pt", weights_only=False).state_dict(), "weights.pt"). ' +
      `If it is your own, say what stands for it here: torch.serialization.addSafeGlobals([[MyClass, "${name}"]])`,
  );
}

/** The items of a list, which a call copies. */
function listOf(value: unknown, machine: Unpickler): readonly unknown[] {
  if (!Array.isArray(value)) throw machine.fail("a call in it needs a list");
  machine.spend(value.length);
  return value;
}

function makeDict([pairs = []]: Args, machine: Unpickler): Dict {
  if (pairs instanceof Dict) return pairs;
  const dict = new Dict();
  for (const pair of listOf(pairs, machine)) {
    if (!Array.isArray(pair) || pair.length !== 2) throw machine.fail("a dict is made of something else than pairs");
    if (dict.entries.has(pair[0])) throw machine.fail(`a dict in it has the key "${pair[0]}" twice`);
    dict.set(pair[0], pair[1]);
  }
  return dict;
}

function makeSet([items = []]: Args, machine: Unpickler): Items {
  const set = new Items();
  for (const item of listOf(items, machine)) set.items.push(item);
  return set;
}

/** Bytes: text whose letters are the bytes, which is how older pickles have them. */
function makeBytes([text = "", encoding]: Args, machine: Unpickler): Uint8Array {
  if (text instanceof Uint8Array) return text;
  if (typeof text !== "string" || (encoding !== undefined && !/^latin-?1$/.test(String(encoding)))) {
    throw machine.fail("bytes in it are written in an unknown way");
  }
  machine.spend(text.length);
  return new Uint8Array(Buffer.from(text, "latin1"));
}

function makeComplex([real = 0, imag = 0]: Args, machine: Unpickler): Complex {
  if (typeof real === "number" && typeof imag === "number") return new Complex(real, imag);
  throw machine.fail("a complex number in it is made of something else than two numbers");
}

function makeDevice([type, index]: Args): string {
  return index === undefined || index === null ? String(type) : `${type}:${index}`;
}

function numbersOf(value: unknown, machine: Unpickler): readonly number[] {
  if (!Array.isArray(value) || !value.every((item) => typeof item === "number")) {
    throw machine.fail("the sizes or strides of a tensor are no numbers");
  }
  machine.spend(value.length);
  return [...value];
}

function isStorageRef(value: unknown): value is StorageRef {
  return typeof value === "object" && value !== null && "memory" in value;
}

function makeTensor([storage, offset, size, stride, requiresGrad, , dtype]: Args, machine: Unpickler): StoredTensor {
  if (!isStorageRef(storage)) throw machine.fail("a tensor in it has no storage");
  const ref = dtype === undefined ? storage : seenAs(storage, dtype, machine);
  const sizes = numbersOf(size, machine);
  const geometry = { sizes, strides: numbersOf(stride, machine), dtype: ref.dtype };
  return new StoredTensor(geometry, offset as number, ref, requiresGrad === true);
}

/** Memory whose bytes are seen as elements of a dtype. */
function seenAs(storage: StorageRef, dtype: unknown, machine: Unpickler): StorageRef {
  if (!(dtype instanceof DType) || storage.offset !== 0) throw machine.fail("a tensor in it has no dtype");
  return { ...storage, dtype, numel: Math.floor((storage.numel * storage.dtype.itemsize) / dtype.itemsize) };
}

function tensorOf(value: unknown, machine: Unpickler): StoredTensor {
  if (value instanceof StoredTensor) return value;
  throw machine.fail("a parameter in it is made of something else than a tensor");
}

function makeParameter([data, requiresGrad = true]: Args, machine: Unpickler): StoredTensor {
  return tensorOf(data, machine).asParameter(requiresGrad === true);
}

function makeMeta([dtype, size, stride, requiresGrad]: Args, machine: Unpickler): StoredTensor {
  if (!(dtype instanceof DType)) throw machine.fail("a tensor in it has no dtype");
  const geometry = { sizes: numbersOf(size, machine), strides: numbersOf(stride, machine), dtype };
  return new StoredTensor(geometry, 0, undefined, requiresGrad === true);
}

const fromType = "torch._tensor._rebuild_from_type_v2";

/** A tensor with attributes of a person's own, for which there is no place here. */
function makeFromType([make, , args]: Args, machine: Unpickler): unknown {
  const { name, call } = make as Callee;
  const isMaker = call !== undefined && name !== fromType;
  if (!isMaker || !Array.isArray(args)) throw machine.fail("a tensor is made by what is no function for that");
  return call(args);
}

const missing =
  (what: string): Make =>
  () => {
    throw new Error(`${what} do not exist here`);
  };

const functions = new Map<string, Make>(
  Object.entries({
    "builtins.set": makeSet,
    "builtins.frozenset": makeSet,
    "builtins.bytearray": makeBytes,
    "builtins.complex": makeComplex,
    "_codecs.encode": makeBytes,
    "collections.OrderedDict": makeDict,
    "collections.Counter": makeDict,
    "collections.defaultdict": ([, items]: Args, machine: Unpickler) => makeDict([items], machine),
    "torch.Size": ([sizes = []]: Args, machine: Unpickler) => [...listOf(sizes, machine)],
    "torch.device": makeDevice,
    "torch.serialization._get_layout": ([layout]: Args) => layout,
    "torch.nn.parameter.Parameter": makeParameter,
    "torch._utils._rebuild_tensor": makeTensor,
    "torch._utils._rebuild_tensor_v2": ([storage, offset, size, stride, requiresGrad]: Args, machine: Unpickler) =>
      makeTensor([storage, offset, size, stride, requiresGrad], machine),
    "torch._utils._rebuild_tensor_v3": makeTensor,
    "torch._utils._rebuild_parameter": makeParameter,
    "torch._utils._rebuild_parameter_with_state": makeParameter,
    "torch._utils._rebuild_device_tensor_from_cpu_tensor": ([data]: Args, machine: Unpickler) =>
      tensorOf(data, machine),
    "torch._utils._rebuild_meta_tensor_no_storage": makeMeta,
    [fromType]: makeFromType,
    "torch._utils._rebuild_sparse_tensor": missing("sparse tensors"),
    "torch._utils._rebuild_sparse_csr_tensor": missing("sparse tensors"),
    "torch._utils._rebuild_qtensor": missing("quantized tensors"),
  }),
);
