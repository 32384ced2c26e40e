/** Tensors: making, looking at, indexing, joining, multiplying and changing them. */
import torch from "flambeau";

torch.manualSeed(0);

// Directly from data
const data = [
  [1, 2],
  [3, 4],
];
const xData = torch.tensor(data);
console.log(xData);

// From a typed array: both share their memory
const array = new Float64Array([1, 2, 3]);
const shared = torch.fromTypedArray(array);
array[0] = 10;
console.log(shared);
const t2 = torch.ones(5);
const array2 = t2.asTypedArray();
t2.add_(1);
console.log(Array.from(array2, Number));

// From another tensor
console.log(torch.onesLike(xData));
console.log(torch.randLike(xData, { dtype: torch.float }));

// With random or constant values
const size = [2, 3];
console.log(torch.rand(size));
console.log(torch.ones(size));
console.log(torch.zeros(size));

// Attributes
let tensor = torch.rand(3, 4);
console.log(`Shape: [${tensor.shape}], datatype: ${tensor.dtype}, device: ${tensor.device}`);

// Devices
const device = torch.cuda.isAvailable() ? "cuda" : "cpu";
tensor = tensor.to(device);

// Indexing and slicing
tensor = torch.tensor([
  [1n, 2n, 3n],
  [4n, 5n, 6n],
]);
console.log("First row:", tensor.at(0));
console.log("First column:", tensor.at(":", 0));
console.log("Last column:", tensor.at("...", -1));
tensor.setAt([":", 1], 0);
console.log(tensor);

const threeDims = torch.arange(1, 13).reshape(2, 2, 3);
console.log(threeDims.at("...", -1));
console.log(threeDims.at(":", -1));

// Joining
tensor = torch.tensor([
  [1n, 2n, 3n],
  [4n, 5n, 6n],
]);
console.log(torch.cat([tensor, tensor, tensor]));
console.log(torch.cat([tensor, tensor, tensor], 1));
console.log(torch.stack([tensor, tensor, tensor]));
console.log(torch.stack([tensor, tensor, tensor], 1));

// Matrix multiplication
tensor = torch.tensor([
  [1, 2, 3],
  [4, 5, 6],
]);
const y1 = tensor.matmul(tensor.T);
const y2 = torch.matmul(tensor, tensor.T);
const y3 = torch.randLike(y1);
torch.matmul(tensor, tensor.T, { out: y3 });
console.log(y1, y2.equal(y3));

// Element-wise product
const z1 = tensor.mul(tensor);
const z3 = torch.randLike(tensor);
torch.mul(tensor, tensor, { out: z3 });
console.log(z1, z1.equal(z3));

// Single-element tensors
const aggregate = tensor.sum();
console.log(aggregate.item(), typeof aggregate.item());

// In-place operations
const x = torch.zeros(3, 2);
x.copy_(tensor.t());
console.log(x.t_());
console.log(tensor.add_(5));
