using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace MoCo.Tests.StandIns.Optimizers;

public class SgdTests
{
    public static TheoryData<double, double, double, bool, bool> Combinations
    {
        get
        {
            var combinations = new TheoryData<double, double, double, bool, bool>();
            foreach (double momentum in new[] { 0, 0.9 })
                foreach (double dampening in new[] { 0, 0.1 })
                    foreach (double decay in new[] { 0, 0.05 })
                        foreach (bool nesterov in new[] { false, true })
                            foreach (bool maximize in new[] { false, true })
                            {
                                if (!nesterov || (momentum > 0 && dampening == 0))
                                    combinations.Add(momentum, dampening, decay, nesterov, maximize);
                            }
            return combinations;
        }
    }

    [Theory]
    [MemberData(nameof(Combinations))]
    public void Five_steps_equal_the_formula_written_out(double momentum, double dampening, double decay, bool nesterov, bool maximize)
    {
        using var scope = NewDisposeScope();
        const double rate = 0.1;
        double[] expected = [1, -2, 3];
        var parameter = nn.Parameter(tensor(expected));
        using var optimizer = optim.SGD([parameter], rate, momentum, dampening, decay, nesterov, maximize);
        double[] gradients = [0.5, 1, -0.25];
        var buffer = new double[3];

        for (int step = 0; step < 5; step++)
        {
            parameter.grad = tensor(gradients) * (step + 1);
            optimizer.step();
            for (int i = 0; i < expected.Length; i++)
            {
                double direction = gradients[i] * (step + 1) + decay * expected[i];
                if (momentum != 0)
                {
                    buffer[i] = step == 0 ? direction : momentum * buffer[i] + (1 - dampening) * direction;
                    direction = nesterov ? direction + momentum * buffer[i] : buffer[i];
                }
                expected[i] += (maximize ? rate : -rate) * direction;
            }
            double[] actual = parameter.detach().data<double>().ToArray();
            for (int i = 0; i < expected.Length; i++)
                Assert.Equal(expected[i], actual[i], 12);
        }
    }

    [Fact]
    public void Contradictory_options_are_refused()
    {
        using var parameter = nn.Parameter(zeros(1));
        Assert.Throws<ArgumentException>(() => optim.SGD([parameter], -1));
        Assert.Throws<ArgumentException>(() => optim.SGD([parameter], 1, momentum: -1));
        Assert.Throws<ArgumentException>(() => optim.SGD([parameter], 1, weight_decay: -1));
        Assert.Throws<ArgumentException>(() => optim.SGD([parameter], 1, nesterov: true));
        Assert.Throws<ArgumentException>(() => optim.SGD([parameter], 1, momentum: 0.9, dampening: 0.1, nesterov: true));
    }

    [Fact]
    public void Groups_keep_their_own_options_and_take_the_rest_from_the_defaults()
    {
        using var scope = NewDisposeScope();
        var (decayed, plain) = (nn.Parameter(ones(1)), nn.Parameter(ones(1)));
        using var optimizer = optim.SGD([new SGD.ParamGroup([decayed], new SGD.Options { weight_decay = 0.5 })], 0.1, momentum: 0.9);
        optimizer.add_param_group(new SGD.ParamGroup { Parameters = [plain] });
        Assert.Equal([decayed, plain], optimizer.parameters());
        Assert.All(optimizer.ParamGroups, group => Assert.Equal((0.1, 0.1), (group.LearningRate, group.InitialLearningRate)));

        optimizer.ParamGroups.Last().LearningRate = 0.2;
        decayed.grad = zeros(1);
        plain.grad = ones(1);
        optimizer.step();
        Assert.Equal(0.95f, decayed.item<float>(), 1e-6);
        Assert.Equal(0.8f, plain.item<float>(), 1e-6);
    }

    [Fact]
    public void Zero_grad_zeroes_and_keeps_the_gradients()
    {
        using var scope = NewDisposeScope();
        var parameter = nn.Parameter(ones(2));
        using var optimizer = optim.SGD([parameter], 0.1);
        (parameter * 3).sum().backward();
        optimizer.zero_grad();
        Assert.Equal(0, parameter.grad!.abs().sum().item<float>());
    }

    [Fact]
    public void Step_evaluates_a_closure_with_gradients_and_gives_its_loss()
    {
        using var scope = NewDisposeScope();
        var parameter = nn.Parameter(ones(1));
        using var optimizer = optim.SGD([parameter], 0.5);
        var loss = optimizer.step(() =>
        {
            var value = parameter.mul(parameter).sum();
            value.backward();
            return value;
        });
        Assert.Equal(1, loss.item<float>());
        Assert.Equal(0, parameter.item<float>(), 1e-6);
    }

    [Fact]
    public void A_parameter_without_gradient_stays_as_it_is()
    {
        using var parameter = nn.Parameter(ones(1));
        using var optimizer = optim.SGD([parameter], 0.5, momentum: 0.9, weight_decay: 0.1);
        optimizer.step();
        Assert.Equal(1, parameter.item<float>());
    }
}
