"""Run with the folder that holds the sample of FashionMNIST: python3 training.py packages/vision/assets"""
import torch
from fashion import data_set
from torch import nn
from torch.utils.data import DataLoader


def main():
    torch.manual_seed(0)
    training_data, test_data = data_set("train"), data_set("t10k")
    train_loader = DataLoader(training_data, batch_size=64, shuffle=True)
    test_loader = DataLoader(test_data, batch_size=64)
    model = nn.Sequential(
        nn.Flatten(), nn.Linear(28 * 28, 512), nn.ReLU(), nn.Linear(512, 512), nn.ReLU(), nn.Linear(512, 10)
    )
    loss_fn = nn.CrossEntropyLoss()
    optimizer = torch.optim.SGD(model.parameters(), lr=1e-1)
    for epoch in range(2):
        print(f"Epoch {epoch + 1}")
        for batch, (inputs, labels) in enumerate(train_loader):
            loss = loss_fn(model(inputs), labels)
            loss.backward()
            optimizer.step()
            optimizer.zero_grad()
            if batch % 50 == 0:
                print(f"loss: {loss.item():.2f}  [{(batch + 1) * 64}/{len(training_data)}]")
        total, predictions, actual = 0, [], []
        with torch.no_grad():
            for inputs, labels in test_loader:
                logits = model(inputs)
                total += loss_fn(logits, labels).item()
                predictions.append(logits.argmax(1))
                actual.append(labels)
        p, a = torch.cat(predictions), torch.cat(actual)
        rows = []
        for c in range(10):
            tp, fp, fn = ((p == c) & (a == c)).sum().item(), ((p == c) & (a != c)).sum().item(), ((p != c) & (a == c)).sum().item()
            precision, recall = tp / (tp + fp) if tp + fp else 0, tp / (tp + fn) if tp + fn else 0
            f1 = 2 * precision * recall / (precision + recall) if precision + recall else 0
            tn = len(a) - tp - fp - fn
            rates = (precision, recall, f1, fn / (fn + tp), tn / (tn + fp), fp / (fp + tn))
            rows.append([(tp + fn) * v / len(a) for v in rates])
        precision, recall, f1, fnr, specificity, fpr = (sum(column) for column in zip(*rows))
        print(f"Accuracy: {100 * (p == a).float().mean().item():.1f}%, Avg loss: {total / len(test_loader):.2f}")
        print(f"Precision: {precision:.2f}, Recall: {recall:.2f}, F1-Score: {f1:.2f}")
        print(f"FNR: {fnr:.2f}, Specificity: {specificity:.2f}, FPR: {fpr:.2f}")
    print("Done!")


if __name__ == "__main__":
    main()
