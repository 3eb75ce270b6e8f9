using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace MoCo.Tests.StandIns.Optimizers;

public class OptimizerStateTests
{
    public static TheoryData<string> Kinds => ["SGD", "SGD without momentum", "Adam", "Adam amsgrad"];

    [Theory]
    [MemberData(nameof(Kinds))]
    public void A_resumed_optimizer_goes_on_as_if_it_had_not_stopped(string kind)
    {
        using var scope = NewDisposeScope();
        var parameter = nn.Parameter(tensor(new[] { 1.0, -2.0 }));
        using var optimizer = Make(kind, parameter);
        Step(optimizer, parameter, 3);
        optimizer.ParamGroups.First().LearningRate = 0.03;

        using var file = new MemoryStream();
        optimizer.save_state_dict(new BinaryWriter(file));
        file.Position = 0;
        var resumedParameter = nn.Parameter(parameter.detach().clone());
        using var resumed = Make(kind, resumedParameter);
        resumed.load_state_dict(new BinaryReader(file));

        Assert.Equal(file.Length, file.Position);
        Assert.Equal(0.03, resumed.ParamGroups.First().LearningRate);
        Assert.True(optimizer.state_dict().State[0].ApproximatelyEquals(resumed.state_dict().State[0]));
        Step(optimizer, parameter, 3);
        Step(resumed, resumedParameter, 3);
        Assert.True(parameter.allclose(resumedParameter, 0, 0));
    }

    [Fact]
    public void State_dictionaries_copy_from_one_optimizer_to_another()
    {
        using var scope = NewDisposeScope();
        var (first, second) = (nn.Parameter(ones(2, float64)), nn.Parameter(ones(2, float64)));
        using var source = Make("SGD", first);
        using var target = Make("SGD", second);
        Step(source, first, 2);
        target.load_state_dict(source.state_dict());
        var (from, to) = ((SGD.State)source.state_dict().State[0], (SGD.State)target.state_dict().State[0]);
        Assert.True(from.momentum_buffer.allclose(to.momentum_buffer, 0, 0));
        Assert.NotSame(from.momentum_buffer, to.momentum_buffer);
    }

    [Fact]
    public void A_foreign_state_is_refused()
    {
        using var scope = NewDisposeScope();
        var parameter = nn.Parameter(ones(2));
        using var sgd = Make("SGD", parameter);
        using var adam = Make("Adam", parameter);
        using var two = optim.SGD([parameter, nn.Parameter(ones(1))], 0.1);
        using var file = new MemoryStream();
        sgd.save_state_dict(new BinaryWriter(file));
        file.Position = 0;
        Assert.Throws<InvalidDataException>(() => adam.load_state_dict(new BinaryReader(file)));
        file.Position = 0;
        Assert.Throws<ArgumentException>(() => two.load_state_dict(new BinaryReader(file)));
        Assert.Throws<ArgumentException>(() => two.load_state_dict(sgd.state_dict()));
    }

    [Fact]
    public void Adam_follows_its_formula()
    {
        using var scope = NewDisposeScope();
        var parameter = nn.Parameter(tensor(new[] { 2.0 }));
        using var optimizer = optim.Adam([parameter], 0.1, weight_decay: 0.01);
        double expected = 2, mean = 0, square = 0;
        for (int step = 1; step <= 5; step++)
        {
            parameter.grad = tensor(new[] { 0.3 * step });
            optimizer.step();
            double gradient = 0.3 * step + 0.01 * expected;
            mean = 0.9 * mean + 0.1 * gradient;
            square = 0.999 * square + 0.001 * gradient * gradient;
            expected -= 0.1 * (mean / (1 - Math.Pow(0.9, step))) / (Math.Sqrt(square / (1 - Math.Pow(0.999, step))) + 1e-8);
            Assert.Equal(expected, parameter.item<double>(), 10);
        }
    }

    private static OptimizerHelper Make(string kind, Parameter parameter) => kind switch
    {
        "SGD" => optim.SGD([parameter], 0.1, momentum: 0.9, weight_decay: 0.01),
        "SGD without momentum" => optim.SGD([parameter], 0.1),
        "Adam" => optim.Adam([parameter], 0.1),
        _ => optim.Adam([parameter], 0.1, amsgrad: true),
    };

    private static void Step(OptimizerHelper optimizer, Parameter parameter, int steps)
    {
        for (int i = 0; i < steps; i++)
        {
            parameter.grad = parameter.detach() * 0.5;
            optimizer.step();
        }
    }
}
