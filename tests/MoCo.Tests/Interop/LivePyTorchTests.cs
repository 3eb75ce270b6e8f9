using MoCo.Contrast;
using MoCo.Contrast.Losses;
using MoCo.Contrast.Negatives;
using MoCo.Encoders;
using MoCo.Interop;
using MoCo.Interop.PyTorch;
using TorchSharp;
using static TorchSharp.torch;

namespace MoCo.Tests.Interop;

/// <summary>Full-size networks to and from a real PyTorch, where there is one: its outputs are ours to 1e-5.</summary>
public sealed class LivePyTorchTests : IDisposable
{
    private const string Images = "x = ((torch.arange(2 * 3 * 64 * 64) * 37 % 64).float() / 32 - 1).reshape(2, 3, 64, 64)\n";
    private readonly TemporaryFolder folder = new();
    private readonly DisposeScope scope = NewDisposeScope();

    public void Dispose()
    {
        scope.Dispose();
        folder.Dispose();
    }

    /// <summary>The steps that main_lincls.py takes with --pretrained, written anew.</summary>
    [Theory]
    [InlineData(HeadKind.Linear)]
    [InlineData(HeadKind.Mlp)]
    public void The_official_linear_probe_loads_what_is_written_here(HeadKind head)
    {
        using MomentumContrast method = Method(head);
        Train(method);
        method.SaveOfficial(folder.File("checkpoint_0199.pth.tar"), epoch: 200);
        SaveOutputs(method.QueryEncoder, folder.File("out.safetensors.pth"));
        Python.Torch("import sys, torch, torchvision\n" + Images + """
            c = torch.load(sys.argv[1], map_location='cpu')
            assert c['epoch'] == 200 and c['arch'] == 'resnet18'
            state = c['state_dict']
            assert state['module.queue'].shape == (16, 32) and state['module.queue_ptr'].tolist() == [4]
            model = torchvision.models.__dict__[c['arch']]()
            q = 'module.encoder_q.'
            kept = {k[len(q):]: v for k, v in state.items() if k.startswith(q) and not k.startswith(q + 'fc')}
            result = model.load_state_dict(kept, strict=False)
            assert set(result.missing_keys) == {'fc.weight', 'fc.bias'} and not result.unexpected_keys, result
            model.fc = torch.nn.Identity()
            expected = torch.load(sys.argv[2])
            off = (model.eval()(x) - expected['features']).abs().max().item()
            assert off < 1e-5, off

            class MoCo(torch.nn.Module):  # the official builder's members, for --resume
                def __init__(self, head):
                    super().__init__()
                    self.encoder_q, self.encoder_k = (torchvision.models.resnet18(num_classes=16) for _ in range(2))
                    if head == 'Mlp':
                        for e in (self.encoder_q, self.encoder_k):
                            e.fc = torch.nn.Sequential(torch.nn.Linear(512, 512), torch.nn.ReLU(), e.fc)
                    self.register_buffer('queue', torch.zeros(16, 32))
                    self.register_buffer('queue_ptr', torch.zeros(1, dtype=torch.long))
            moco = MoCo(sys.argv[3])
            moco.load_state_dict({k[len('module.'):]: v for k, v in state.items()}, strict=True)
            off = (moco.encoder_q.eval()(x) - expected['embeddings']).abs().max().item()
            assert off < 1e-5, off
            optimizer = torch.optim.SGD(moco.parameters(), .1)
            optimizer.load_state_dict(c['optimizer'])
            assert optimizer.param_groups[0]['lr'] == .03
            sum(p.sum() for p in moco.encoder_q.parameters()).backward()
            optimizer.step()
            """, folder.File("checkpoint_0199.pth.tar"), folder.File("out.safetensors.pth"), head.ToString());

        using MomentumContrast back = Method(head);
        Assert.Equal(WeightParts.All, back.LoadWeights(folder.File("checkpoint_0199.pth.tar")).Parts);
        foreach ((string name, Tensor value) in method.state_dict()) Fixture.Near(value, back.state_dict()[name], 0, name);
    }

    [Theory]
    [InlineData("True")]
    [InlineData("False")]
    public void A_full_size_official_file_gives_PyTorchs_outputs_in_both_formats(string zip)
    {
        Python.Torch("import sys, torch, torchvision\n" + Images + """
            torch.manual_seed(3)
            q, k = (torchvision.models.resnet18(num_classes=16) for _ in range(2))
            q(torch.randn(8, 3, 64, 64))  # moves the running statistics
            state = {'module.encoder_q.' + n: v for n, v in q.state_dict().items()}
            state |= {'module.encoder_k.' + n: v for n, v in k.state_dict().items()}
            state |= {'module.queue': torch.nn.functional.normalize(torch.randn(16, 32), dim=0), 'module.queue_ptr': torch.tensor([7])}
            optimizer = torch.optim.SGD(q.parameters(), 1e-6, momentum=.9)
            q(x).sum().backward()
            optimizer.step()
            content = {'epoch': 1, 'arch': 'resnet18', 'state_dict': state, 'optimizer': optimizer.state_dict()}
            torch.save(content, sys.argv[1], _use_new_zipfile_serialization=eval(sys.argv[3]))
            torch.save({'embeddings': q.eval()(x).detach(), 'keys': k.eval()(x).detach()}, sys.argv[2])
            """, folder.File("a.pth.tar"), folder.File("out.pth"), zip);
        using MomentumContrast method = Method(HeadKind.Linear);
        method.LoadWeights(folder.File("a.pth.tar"));
        Assert.Equal(7, method.Queue.Position);
        using PyTorchCheckpoint expected = PyTorchCheckpoint.Open(folder.File("out.pth"));
        using IDisposable _ = no_grad();
        method.eval();
        Fixture.Near(expected.Tensors["embeddings"].Read(), method.QueryEncoder.call(Input()), 1e-5, "embeddings");
        Fixture.Near(expected.Tensors["keys"].Read(), method.KeyEncoder.call(Input()), 1e-5, "keys");
    }

    /// <summary>What MoCo v3's main_lincls.py does with --pretrained, and the members of its builder, written anew.</summary>
    [Fact]
    public void The_official_code_of_MoCo_v3_loads_what_is_written_here_and_the_other_way_round()
    {
        using MoCoV3 method = new(V3Encoder(1), V3Encoder(1), new BatchNormMlp(2, 16, 24, 16, lastBatchNorm: false), 4);
        using (no_grad()) method.Forward(new StepInput(rand(4, 3, 32, 32), rand(4, 3, 32, 32), 0)).Dispose();
        method.SaveOfficial(folder.File("v3.pth.tar"), epoch: 300);
        SaveOutputs(method.QueryEncoder, folder.File("out.pth"));
        Python.Torch("import sys, torch, torchvision\nfrom torch import nn\n" + Images + """
            c = torch.load(sys.argv[1], map_location='cpu')
            assert c['epoch'] == 300 and c['arch'] == 'resnet18', c.keys()
            state, expected = c['state_dict'], torch.load(sys.argv[2])

            def mlp(sizes, last):
                layers = []
                for i, (a, b) in enumerate(sizes):
                    layers.append(nn.Linear(a, b, bias=False))
                    if i < len(sizes) - 1: layers += [nn.BatchNorm1d(b), nn.ReLU()]
                    elif last: layers.append(nn.BatchNorm1d(b, affine=False))
                return nn.Sequential(*layers)

            class MoCo(nn.Module):
                def __init__(self):
                    super().__init__()
                    self.base_encoder, self.momentum_encoder = (torchvision.models.resnet18() for _ in range(2))
                    for e in (self.base_encoder, self.momentum_encoder): e.fc = mlp([(512, 24), (24, 16)], True)
                    self.predictor = mlp([(16, 24), (24, 16)], False)
            moco = MoCo()
            moco.load_state_dict({k[len('module.'):]: v for k, v in state.items()}, strict=True)
            off = (moco.base_encoder.eval()(x) - expected['embeddings']).abs().max().item()
            assert off < 1e-4, off
            model = torchvision.models.resnet18()
            b = 'module.base_encoder.'
            kept = {k[len(b):]: v for k, v in state.items() if k.startswith(b) and not k.startswith(b + 'fc')}
            result = model.load_state_dict(kept, strict=False)
            assert set(result.missing_keys) == {'fc.weight', 'fc.bias'} and not result.unexpected_keys, result
            other = MoCo()
            torch.save({'epoch': 1, 'arch': 'resnet18', 'state_dict': nn.DataParallel(other).state_dict()}, sys.argv[1])
            torch.save({'q': other.base_encoder.eval()(x), 'k': other.momentum_encoder.eval()(x)}, sys.argv[2])
            """, folder.File("v3.pth.tar"), folder.File("out.pth"));

        (WeightLayout Layout, WeightParts Parts, IReadOnlyList<string>) loaded = method.LoadWeights(folder.File("v3.pth.tar"));
        Assert.Equal((WeightLayout.OfficialV3, WeightParts.Encoder | WeightParts.KeyEncoder), (loaded.Layout, loaded.Parts));
        using WeightFile expected = WeightFile.Open(folder.File("out.pth"));
        using Encoder built = EncoderFiles.Open(folder.File("v3.pth.tar"));
        Assert.Equal((HeadKind.BatchNormMlp, 24, 16), (((ResNet)built.Backbone).Options.Head,
            ((ResNet)built.Backbone).Options.HiddenDimension, ((ResNet)built.Backbone).Options.EmbeddingDimension));
        using IDisposable _ = no_grad();
        foreach ((Encoder encoder, string name) in new[] { (method.QueryEncoder, "q"), (method.KeyEncoder, "k"), (built, "q") })
        {
            encoder.eval();
            Fixture.Near(expected.Tensors[name].Read(), encoder.call(Input()), 1e-4, name);
        }
    }

    /// <summary>The same with the vision transformer of the fixtures, and a step's loss in train mode.</summary>
    [Fact]
    public void The_official_code_of_MoCo_v3_with_a_vision_transformer_has_the_same_loss_and_the_other_way_round()
    {
        using MoCoV3 method = new(Transformer(1), Transformer(2), new BatchNormMlp(2, 16, 24, 16, generator: new Generator(3, CPU)), 4,
            momentum: 1, temperature: 0.2);
        method.SaveOfficial(folder.File("v3.pth.tar"), epoch: 300);
        using ContrastiveLoss loss = method.Forward(new StepInput(Input(4), Input(4).flip(3), 0));
        PyTorchWriter.Write(folder.File("out.pth"), new Dictionary<string, Tensor> { ["loss"] = loss.Loss.detach() });
        Python.Torch("import sys, torch\nfrom torch import nn\nsys.path.insert(0, sys.argv[3])\n" + Images + """
            from vision_transformer import VisionTransformer, positions, projector
            c = torch.load(sys.argv[1], map_location='cpu')
            assert c['epoch'] == 300 and c['arch'] == 'vit_small', c.keys()

            class MoCo(nn.Module):
                def __init__(self):
                    super().__init__()
                    self.base_encoder, self.momentum_encoder = (
                        VisionTransformer(64, 12, 2, projector([64, 24, 24, 16])) for _ in range(2))
                    self.predictor = projector([16, 24, 16])

                def ctr(self, q, k):
                    q, k = nn.functional.normalize(q, dim=1), nn.functional.normalize(k, dim=1)
                    return nn.functional.cross_entropy(q @ k.t() / 0.2, torch.arange(len(q))) * 0.4

                def forward(self, a, b):
                    where = positions(4, 4, 64).float()
                    q1, q2 = (self.predictor(self.base_encoder(x, where)) for x in (a, b))
                    k1, k2 = (self.momentum_encoder(x, where) for x in (a, b))
                    return self.ctr(q1, k2) + self.ctr(q2, k1)
            moco = MoCo()
            moco.load_state_dict({k[len('module.'):]: v for k, v in c['state_dict'].items()}, strict=True)
            views = ((torch.arange(4 * 3 * 64 * 64) * 37 % 64).float() / 32 - 1).reshape(4, 3, 64, 64)
            off = (moco(views, views.flip(3)) - torch.load(sys.argv[2])['loss']).abs().item()
            assert off < 1e-5, off
            other = MoCo()
            torch.save({'epoch': 1, 'arch': 'vit_small', 'state_dict': nn.DataParallel(other).state_dict()}, sys.argv[1])
            where = positions(4, 4, 64).float()
            torch.save({'q': other.base_encoder.eval()(x, where), 'k': other.momentum_encoder.eval()(x, where)}, sys.argv[2])
            """, folder.File("v3.pth.tar"), folder.File("out.pth"), Repository.File("tests", "MoCo.Tests", "Fixtures"));

        (WeightLayout Layout, WeightParts Parts, IReadOnlyList<string>) loaded = method.LoadWeights(folder.File("v3.pth.tar"));
        Assert.Equal((WeightLayout.OfficialV3, WeightParts.Encoder | WeightParts.KeyEncoder), (loaded.Layout, loaded.Parts));
        using WeightFile expected = WeightFile.Open(folder.File("out.pth"));
        using Encoder built = EncoderFiles.Open(folder.File("v3.pth.tar"));
        Assert.Equal(method.QueryEncoder.Options, built.Options);
        using IDisposable _ = no_grad();
        foreach ((Encoder encoder, string name) in new[] { (method.QueryEncoder, "q"), (method.KeyEncoder, "k"), (built, "q") })
        {
            encoder.eval();
            Fixture.Near(expected.Tensors[name].Read(), encoder.call(Input()), 1e-5, name);
        }
    }

    [Fact]
    public void A_backbone_written_as_pth_is_torchvisions_state_dict_and_comes_back()
    {
        using Encoder encoder = Encoder.Create(new EncoderOptions { EmbeddingDimension = 16 }, seed: 4);
        encoder.call(rand(4, 3, 64, 64));
        encoder.SaveBackbone(folder.File("resnet50.pth"));
        SaveOutputs(encoder, folder.File("out.pth"));
        Python.Torch("import sys, torch, torchvision\n" + Images + """
            model = torchvision.models.resnet50()
            model.fc = torch.nn.Identity()
            model.load_state_dict(torch.load(sys.argv[1], weights_only=True), strict=True)
            off = (model.eval()(x) - torch.load(sys.argv[2])['features']).abs().max().item()
            assert off < 1e-5, off
            torch.save(torch.nn.DataParallel(model).state_dict(), sys.argv[1])  # adds module.
            """, folder.File("resnet50.pth"), folder.File("out.pth"));
        using Encoder back = EncoderFiles.Open(folder.File("resnet50.pth"));
        Assert.Equal(Backbone.ResNet50, ((ResNet)back.Backbone).Options.Backbone);
        foreach ((string name, Tensor value) in encoder.Backbone.state_dict())
            Fixture.Near(value, back.Backbone.state_dict()[name], 0, name);
    }

    [Fact]
    public void Detectron2s_pickle_is_read_by_Python_with_numpy_under_its_names()
    {
        using Encoder encoder = Encoder.Create(new EncoderOptions { Width = 0.25, EmbeddingDimension = 16 });
        encoder.SaveDetectron2(folder.File("r50.pkl"));
        encoder.SaveBackbone(folder.File("r50.pth"));
        Python.Torch("""
            import pickle, sys, numpy, torch
            with open(sys.argv[1], 'rb') as f:
                c = pickle.load(f, encoding='latin1')
            assert set(c) == {'model', '__author__', 'matching_heuristics'} and c['matching_heuristics'] is True
            expected = {}
            for k, v in torch.load(sys.argv[2]).items():
                if k.endswith('num_batches_tracked'): continue
                if 'layer' not in k: k = 'stem.' + k
                for t in (1, 2, 3, 4): k = k.replace(f'layer{t}', f'res{t + 1}')
                for t in (1, 2, 3): k = k.replace(f'bn{t}', f'conv{t}.norm')
                expected[k.replace('downsample.0', 'shortcut').replace('downsample.1', 'shortcut.norm')] = v.numpy()
            assert list(c['model']) == list(expected) and 'res2.0.shortcut.norm.weight' in expected
            for k, v in expected.items():
                assert isinstance(c['model'][k], numpy.ndarray) and c['model'][k].dtype == numpy.float32
                assert c['model'][k].shape == v.shape and (c['model'][k] == v).all(), k
            """, folder.File("r50.pkl"), folder.File("r50.pth"));
    }

    private static Tensor Input(int count = 2)
        => Counting(count * 3 * 64 * 64).Times(37L).Remainder(64).to(ScalarType.Float32).Over(32).Minus(1).reshape(count, 3, 64, 64);

    private static Encoder Transformer(long seed) => Encoder.Create(new()
    {
        Backbone = Backbone.ViTSmall,
        Width = 1 / 6.0,
        Head = HeadKind.BatchNormMlp,
        HiddenDimension = 24,
        EmbeddingDimension = 16,
        BatchNormSplits = 1,
    }, seed: seed);

    private static MomentumContrast Method(HeadKind head)
    {
        EncoderOptions options = new() { Backbone = Backbone.ResNet18, Head = head, EmbeddingDimension = 16 };
        return new MomentumContrast(Encoder.Create(options, seed: 1), Encoder.Create(options, seed: 1), new KeyQueue(16, 32));
    }

    private static Encoder V3Encoder(long seed) => Encoder.Create(
        new() { Backbone = Backbone.ResNet18, Head = HeadKind.BatchNormMlp, HiddenDimension = 24, EmbeddingDimension = 16 }, seed: seed);

    /// <summary>One forward pass: the encoders' statistics part, keys enter the queue.</summary>
    private static void Train(MomentumContrast method)
    {
        using (no_grad()) method.Forward(new StepInput(rand(4, 3, 32, 32), rand(4, 3, 32, 32), 0) { Indices = new int[4] });
        method.AfterBackward();
    }

    private static void SaveOutputs(Encoder encoder, string path)
    {
        using IDisposable _ = no_grad();
        encoder.eval();
        PyTorchWriter.Write(
            path, new Dictionary<string, object?> { ["features"] = encoder.features(Input()), ["embeddings"] = encoder.call(Input()) });
        encoder.train();
    }
}
