import torch
from torch import nn

torch.manual_seed(0)
print("Using cpu device")

class NeuralNetwork(nn.Module):
    def __init__(self):
        super().__init__()
        self.flatten = nn.Flatten()
        self.linear_relu_stack = nn.Sequential(
            nn.Linear(28 * 28, 512), nn.ReLU(), nn.Linear(512, 512), nn.ReLU(), nn.Linear(512, 10)
        )

    def forward(self, x):
        return self.linear_relu_stack(self.flatten(x))

model = NeuralNetwork()

print(model)
for name, param in model.named_parameters():
    print(f"Layer: {name} | Size: [{','.join(map(str, param.size()))}] | Values : {param[:2]} \n")

x = torch.rand(1, 28, 28)
logits = model(x)
pred_probab = nn.Softmax(dim=1)(logits)
print(pred_probab)
print(f"Predicted class: {pred_probab.argmax(1)}")
