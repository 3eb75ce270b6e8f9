using TorchSharp;
using static TorchSharp.torch;

namespace MoCo.Tests.StandIns.Optimizers;

public class TrainingLeakTests
{
    [Fact]
    public void A_thousand_training_steps_leave_no_tensor_behind_and_learn()
    {
        using var network = nn.Sequential(
            nn.Conv2d(1, 4, 3, padding: 1, bias: false), nn.BatchNorm2d(4), nn.ReLU(inplace: true),
            nn.MaxPool2d(2), nn.Flatten(), nn.Linear(16, 3));
        using var optimizer = optim.SGD(network.parameters(), 0.05, momentum: 0.9, weight_decay: 1e-4, nesterov: true);
        using var criterion = nn.CrossEntropyLoss();
        manual_seed(1);
        using var x = randn(6, 1, 4, 4);
        using var target = tensor(new[] { 0L, 1L, 2L, 0L, 1L, 2L });

        float Step()
        {
            using var scope = NewDisposeScope();
            optimizer.zero_grad();
            var loss = criterion.call(network.call(x), target);
            loss.backward();
            optimizer.step();
            return loss.item<float>();
        }

        float first = Step();
        long before = LiveTensors.Settled();
        float last = first;
        for (int i = 0; i < 1000; i++)
            last = Step();
        Assert.Equal(before, Tensor.TotalCount);
        Assert.True(last < 0.1 * first, $"the loss went from {first} to {last}");
    }
}
