using System.Collections.Immutable;
using MoCo.Data;

namespace Pretrain;

/// <content>What is looked at: images and views of them.</content>
internal static partial class Settings
{
    private static ImmutableArray<Setting> Data =>
    [
        new("data", "PATH", "the images: a folder (class folders, train/ and val/, or none), a folder with the files of the MNIST family or CIFAR's binary ones, or tar shards such as 'train-{000..146}.tar'",
            p => p.Data, (p, t) => p with { Data = Full(t) }),
        new("test", "PATH", "labelled images for the kNN monitor; default: the data's own test part, else a part is held out",
            p => p.Test, (p, t) => p with { Test = Full(t) }),
        new("hold-out", "N", "where there are labels and no test part, keep every n-th image of a class from training for the monitor; 0: none",
            p => Values.Text(p.HoldOut), (p, t) => p with { HoldOut = Values.Whole(t, 0) is 1 ? throw new FormatException("0, or 2 and more") : Values.Whole(t, 0) }) { IsLasting = true },
        new("labels", Values.Names<ImageFolderLabels>(), "whether a folder's first folders are classes",
            p => Values.Name(p.Labels), (p, t) => p with { Labels = Values.Choice<ImageFolderLabels>(t) }),
        new("max-faults", "SHARE", "share of images that may be unreadable before training stops, 0 to 1",
            p => Values.Text(p.MaximumErrorShare), (p, t) => p with { MaximumErrorShare = Values.Number(t, 0, 1) }),
    ];

    private static ImmutableArray<Setting> Views =>
    [
        new("views", Values.Names<ViewKind>(), "augmentation; default: the preset's, grey for images of one channel",
            p => p.Views is { } kind ? Values.Name(kind) : null, (p, t) => p with { Views = Values.Choice<ViewKind>(t) }) { IsLasting = true },
        new("view-size", "N", "width and height of a view; default: 224, with cifar 32, for the MNIST family 28",
            p => p.ViewSize?.ToString(), (p, t) => p with { ViewSize = Values.Whole(t, 8, 1024) }) { IsLasting = true },
        new("min-area", "SHARE", "smallest part of an image that a crop keeps, above 0 to 1; default: 0.2, with cifar 0.08",
            p => p.MinimumArea is double area ? Values.Text(area) : null, (p, t) => p with { MinimumArea = Values.Number(t, 1e-4, 1) }),
        new("flip", "SHARE", "how often a view is mirrored, 0 to 1; 0 for images whose sides matter, such as digits; default: 0.5",
            p => p.FlipProbability is double share ? Values.Text(share) : null, (p, t) => p with { FlipProbability = Values.Number(t, 0, 1) }),
    ];

    // A run that goes on may be called from another folder. Patterns of shards are paths, too.
    private static string Full(string path) => string.IsNullOrWhiteSpace(path) ? throw new FormatException("a path") : Path.GetFullPath(path);
}
