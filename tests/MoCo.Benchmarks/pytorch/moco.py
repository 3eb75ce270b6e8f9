"""MoCo in plain PyTorch, written the way facebookresearch/moco writes it, for one device."""
import torch
import torch.nn.functional as F
from torch import nn
from torchvision import models


class MoCo:
    """N×dim queries and keys, a dim×K queue."""

    def __init__(self, options):
        self.options = options
        self.encoder_q, self.encoder_k = self.encoder(), self.encoder()
        for p_q, p_k in zip(self.encoder_q.parameters(), self.encoder_k.parameters()):
            p_k.data.copy_(p_q.data)
            p_k.requires_grad = False
        self.queue = F.normalize(torch.randn(options.dim, options.queue, device=options.device), dim=0)
        self.pointer = 0
        self.optimizer = torch.optim.SGD(self.encoder_q.parameters(), 0.03, momentum=0.9, weight_decay=1e-4)

    def encoder(self):
        encoder = getattr(models, self.options.arch)(num_classes=self.options.dim)
        if self.options.stem == "small":
            encoder.conv1 = nn.Conv2d(3, 64, 3, stride=1, padding=1, bias=False)
            encoder.maxpool = nn.Identity()
        if self.options.mlp:
            width = encoder.fc.in_features
            encoder.fc = nn.Sequential(nn.Linear(width, width), nn.ReLU(), encoder.fc)
        encoder = encoder.to(self.options.device)
        if self.options.channels_last:
            encoder = encoder.to(memory_format=torch.channels_last)
        return torch.compile(encoder) if self.options.compile else encoder

    def encode(self, encoder, x):
        with torch.autocast(self.options.device, dtype=torch.bfloat16, enabled=self.options.bf16):
            return encoder(x).float()

    @torch.no_grad()
    def momentum_update(self):
        m = self.options.momentum
        for p_q, p_k in zip(self.encoder_q.parameters(), self.encoder_k.parameters()):
            p_k.data = p_k.data * m + p_q.data * (1.0 - m)

    @torch.no_grad()
    def keys(self, x):
        order = torch.randperm(x.shape[0], device=x.device)
        return F.normalize(self.encode(self.encoder_k, x[order]), dim=1)[torch.argsort(order)]

    def loss(self, q, k):
        positive = torch.einsum("nc,nc->n", [q, k]).unsqueeze(-1)
        negative = torch.einsum("nc,ck->nk", [q, self.queue.clone().detach()])
        logits = torch.cat([positive, negative], dim=1)
        logits /= self.options.temperature
        return F.cross_entropy(logits, torch.zeros(logits.shape[0], dtype=torch.long, device=logits.device))

    @torch.no_grad()
    def enqueue(self, k):
        self.queue[:, self.pointer:self.pointer + k.shape[0]] = k.T
        self.pointer = (self.pointer + k.shape[0]) % self.options.queue

    def step(self, x_q, x_k):
        q = F.normalize(self.encode(self.encoder_q, x_q), dim=1)
        self.momentum_update()
        k = self.keys(x_k)
        loss = self.loss(q, k)
        self.enqueue(k)
        self.optimizer.zero_grad()
        loss.backward()
        self.optimizer.step()
