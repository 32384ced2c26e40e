"""Run with the folder that holds the sample of FashionMNIST: python3 custom_dataset.py packages/vision/assets"""
import csv
import os
import tempfile

import torch
from sklearn.preprocessing import LabelBinarizer
from torch import nn
from torch.utils.data import DataLoader, Dataset
from torchvision.io import read_image, write_jpeg
from torchvision.transforms import Compose, ConvertImageDtype, Resize

from training import data_set

NAMES = ["tshirt", "trouser", "pullover", "dress", "coat", "sandal", "shirt", "sneaker", "bag", "ankleboot"]

folder = tempfile.mkdtemp()
os.mkdir(os.path.join(folder, "images"))
images, targets = data_set("train").tensors
with open(os.path.join(folder, "annotations.csv"), "w") as file:
    rows = csv.writer(file)
    rows.writerow(["Image_filename", "Label"])
    for i in range(320):
        name = f"{NAMES[targets[i]]}{i}.jpg"
        write_jpeg((images[i] * 255).round().byte(), os.path.join(folder, "images", name), 95)
        rows.writerow([name, int(targets[i])])

torch.manual_seed(0)


class CustomImageDataset(Dataset):
    def __init__(self, annotations_file, img_dir, transform, target_transform):
        with open(annotations_file) as file:
            self.img_labels = list(csv.DictReader(file))
        self.img_dir, self.transform, self.target_transform = img_dir, transform, target_transform

    def __len__(self):
        return len(self.img_labels)

    def __getitem__(self, idx):
        row = self.img_labels[idx]
        image = read_image(os.path.join(self.img_dir, row["Image_filename"]))
        return self.transform(image), self.target_transform(int(row["Label"]))


def label_transform(label):
    lb = LabelBinarizer()
    lb.fit(range(len(NAMES)))
    return torch.from_numpy(lb.transform([label])[0])


image_transform = Compose([Resize((128, 128), antialias=True), ConvertImageDtype(torch.float32)])
dataset = CustomImageDataset(os.path.join(folder, "annotations.csv"), os.path.join(folder, "images"), image_transform, label_transform)
print(f"{len(dataset)} images")
image, label = dataset[0]
print(f"[ {', '.join(map(str, image.shape))} ] {label}")

loader = DataLoader(dataset, 32, shuffle=True, num_workers=2)
model = nn.Sequential(nn.Conv2d(1, 8, 5, stride=4), nn.ReLU(), nn.MaxPool2d(4), nn.Flatten(), nn.Linear(8 * 7 * 7, 10))
loss_fn = nn.CrossEntropyLoss()
optimizer = torch.optim.Adam(model.parameters(), lr=5e-3)
for batch, (images, labels) in enumerate(loader):
    loss = loss_fn(model(images), labels.float())
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    shapes = [",".join(map(str, one.shape)) for one in (images, labels)]
    print(f"batch {batch}  images [{shapes[0]}]  labels [{shapes[1]}]  loss {loss.item():.3f}")
