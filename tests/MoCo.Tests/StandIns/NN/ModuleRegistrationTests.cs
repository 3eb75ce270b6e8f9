using TorchSharp;
using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace MoCo.Tests.StandIns.NN;

public class ModuleRegistrationTests
{
    [Fact]
    public void Fields_register_in_the_order_of_declaration_under_their_component_names()
    {
        using var network = new Network();
        Assert.Equal(["scale", "stem.weight", "blocks.0.weight", "blocks.0.bias", "blocks.second.weight", "blocks.second.bias", "list.0.weight", "list.0.bias"], network.named_parameters().Select(named => named.name));
        Assert.Equal(["queue", "blocks.second.running_mean", "blocks.second.running_var", "blocks.second.num_batches_tracked"], network.named_buffers().Select(named => named.name));
        Assert.Equal(["stem", "blocks", "list"], network.named_children().Select(named => named.name));
        Assert.Equal(["stem", "blocks", "list", "blocks.0", "blocks.1", "blocks.second", "list.0"], network.named_modules().Select(named => named.name));
        Assert.DoesNotContain(network, network.modules());
    }

    [Fact]
    public void The_state_dict_has_parameters_before_buffers_and_leaves_out_non_persistent_ones()
    {
        using var network = new Network();
        Assert.Equal(network.named_parameters().Select(named => named.name).Concat(network.named_buffers().Select(named => named.name)), network.state_dict().Keys);
        Assert.DoesNotContain("scratch", network.state_dict().Keys);
        Assert.True(network.has_buffer("scratch"));
        Assert.Equal(["prefix.scale"], network.state_dict(prefix: "prefix").Keys.Take(1));
    }

    [Fact]
    public void Dotted_names_find_parameters_and_buffers()
    {
        using var network = new Network();
        Assert.Same(network.state_dict()["blocks.second.bias"], network.get_parameter("blocks.second.bias"));
        Assert.Same(network.state_dict()["blocks.second.running_var"], network.get_buffer("blocks.second.running_var"));
        Assert.True(network.has_parameter("stem.weight"));
        Assert.False(network.has_parameter("stem.bias"));
        Assert.Null(network.get_parameter("nowhere.weight"));
        Assert.Null(network.get_buffer("nowhere"));
    }

    [Fact]
    public void A_shared_parameter_is_listed_once_but_saved_under_both_names()
    {
        using var tied = new Tied();
        Assert.Equal(["first.weight"], tied.named_parameters().Select(named => named.name));
        Assert.Equal(["first.weight", "second.weight"], tied.state_dict().Keys);
    }

    [Fact]
    public void Bad_registrations_are_refused()
    {
        using var network = new Network();
        using var linear = nn.Linear(1, 1);
        using var buffer = zeros(1);
        Assert.Throws<InvalidOperationException>(() => network.register_module("stem", linear));
        Assert.Throws<ArgumentException>(() => network.register_module("a.b", linear));
        Assert.Throws<ArgumentException>(() => network.register_module("", linear));
        Assert.Throws<InvalidOperationException>(() => network.register_buffer("queue", buffer));
        Assert.Throws<ArgumentNullException>(() => network.register_buffer("nothing", null!));
        using var relu = nn.ReLU();
        Assert.Throws<InvalidOperationException>(() => relu.register_buffer("queue", buffer));
    }

    [Fact]
    public void Registering_null_takes_a_module_out()
    {
        using var network = new Network();
        using var stem = network.named_children().First().module;
        network.register_module("stem", null!);
        Assert.Equal(["blocks", "list"], network.named_children().Select(named => named.name));
    }

    [Fact]
    public void Apply_visits_children_before_parents()
    {
        using var network = new Network();
        var names = new List<string>();
        network.apply(module => names.Add(module.GetType().Name.Split('`')[0]));
        Assert.Equal(["Conv2d", "Linear", "ReLU", "BatchNorm1d", "Sequential", "Linear", "ModuleList", "Network"], names);
    }

    [Fact]
    public void Train_and_eval_reach_every_descendant()
    {
        using var network = new Network();
        Assert.All(network.modules().Append(network), module => Assert.True(module.training));
        network.eval();
        Assert.All(network.modules().Append(network), module => Assert.False(module.training));
        network.train();
        Assert.All(network.modules().Append(network), module => Assert.True(module.training));
    }

    private sealed class Tied : nn.Module
    {
        private readonly Linear first = nn.Linear(2, 2, hasBias: false);
        private readonly Linear second;

        internal Tied() : base(nameof(Tied))
        {
            second = nn.Linear(first.weight);
            RegisterComponents();
        }
    }

    internal sealed class Network : nn.Module<Tensor, Tensor>
    {
        [ComponentName(Name = "queue")]
        private readonly Tensor _queue = zeros(2, 3);
        private readonly Conv2d stem = nn.Conv2d(1, 2, 3, bias: false);
        private readonly Sequential blocks = nn.Sequential(("0", nn.Linear(2, 3)), ("1", nn.ReLU()), ("second", nn.BatchNorm1d(3)));
        private readonly ModuleList<Linear> list = nn.ModuleList(nn.Linear(3, 1));
        private readonly Parameter scale = nn.Parameter(ones(1));

        internal Network() : base(nameof(Network))
        {
            register_buffer("scratch", zeros(1), persistent: false);
            RegisterComponents();
        }

        public override Tensor forward(Tensor input)
        {
            using var features = stem.call(input);
            using var pooled = features.mean([2, 3]);
            using var hidden = blocks.call(pooled);
            using var scaled = hidden.mul(scale);
            return list[0].call(scaled);
        }
    }
}
