using MoCo.Augmentation;
using MoCo.Data;
using MoCo.Encoders;
using MoCo.Evaluation.Features;
using MoCo.Interop;
using MoCo.Loading;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace MoCo.Tests.Packaging;

/// <content>README's network of the caller's own.</content>
public sealed partial class ReadmeTests
{
    // README
    private sealed class MyNet : Module<Tensor, Tensor>                       // any module that makes N×F of N×C×H×W
    {
        private readonly Module<Tensor, Tensor> layers;

        public MyNet(int channels, int features)
            : base(nameof(MyNet))
        {
            layers = Sequential(
                Conv2d(channels, 32, 3, stride: 2, padding: 1), GELU(), Conv2d(32, features, 3, stride: 2, padding: 1), GELU(),
                AdaptiveAvgPool2d(1), Flatten());
            RegisterComponents();
        }

        public override Tensor forward(Tensor images) => layers.call(images);
    }

    private static void PretrainMyNet(IImageSet images)
    {
        var mynet = Backbone.Register("mynet", (options, generator) => new MyNet(options.InputChannels, 64), featureDimension: 64);
        var encoder = MoCoOptions.Cifar.Encoder with { Backbone = mynet };
        using var trainer = new MoCoTrainer(MoCoOptions.Cifar with { Encoder = encoder, BatchSize = 64, Epochs = 2 });
        using var loader = new TwoCropLoader(images, AugmentationRecipe.Cifar(32), trainer.Options.Loader());
        trainer.Fit(loader);
        trainer.Save("mynet.ckpt");                                           // has the name: register it before MoCoTrainer.Resume
        trainer.QueryEncoder.SaveBackbone("mynet.safetensors");               // under the module's own names
        using var trained = EncoderFiles.Open("mynet.safetensors");           // registered, it is built from the file alone
        using var features = FeatureSet.Extract(trained.Backbone, images, AugmentationRecipe.Evaluation(32));
        Console.WriteLine($"{features.Count} images, {features.Dimension} numbers each");
    }
    // README

    [Fact]
    public void READMEs_own_network_trains_and_is_opened_by_its_name()
    {
        using TemporaryFolder temporary = new();
        string printed = RunIn(temporary, () => PretrainMyNet(ImageSources.Open("photos")));
        Assert.Equal("100 images, 64 numbers each", printed.Trim());
        using MoCoTrainer resumed = MoCoTrainer.Resume(temporary.File("mynet.ckpt"));
        Assert.Equal((2, "mynet"), (resumed.Epoch, resumed.Options.Encoder.Backbone.Name));
        using Encoder opened = EncoderFiles.Open(temporary.File("mynet.safetensors"));
        using Encoder other = EncoderFiles.Open(temporary.File("mynet.ckpt"));
        foreach ((string name, Tensor value) in resumed.QueryEncoder.Backbone.state_dict())
        {
            Fixture.Near(value, opened.Backbone.state_dict()[name], 0, name);
            Fixture.Near(value, other.Backbone.state_dict()[name], 0, name);
        }
    }
}
