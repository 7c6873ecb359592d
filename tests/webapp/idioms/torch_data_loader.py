import torch
from torch.utils.data import DataLoader, Dataset, TensorDataset, random_split


class Squares(Dataset):
    def __len__(self):
        return 10

    def __getitem__(self, index):
        return torch.tensor(float(index)), index**2


def answer():
    loader = DataLoader(Squares(), batch_size=4, shuffle=True, num_workers=0)
    seen = sorted(int(y) for _, ys in loader for y in ys)
    train, test = random_split(TensorDataset(torch.randn(10, 2)), [8, 2])
    return seen == [n * n for n in range(10)] and (len(train), len(test)) == (8, 2)
