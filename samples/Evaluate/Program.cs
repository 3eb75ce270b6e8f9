using Evaluate.Clusters;
using Evaluate.Diagnostics;
using Evaluate.Embeddings;
using Evaluate.Labels;
using Evaluate.Weights;

using StopSignals signals = new();
RootCommand command = new("""
    Says what an encoder is worth, what a file of weights holds, and hands weights over to other tools.

    ENCODER is a run's folder (its newest whole checkpoint counts) or any file of an encoder's weights: checkpoints
    and encoders of this library, safetensors, and PyTorch's files of torchvision, timm, the official MoCo code, Lightly,
    solo-learn and mmpretrain. What it is, is found out by reading it.
    DATA is a folder of images (a folder for each class, or train and val with one for each class), a list of images (.csv,
    with lines of path,label), an archive of them (.zip), files of the MNIST family, CIFAR's binary files, tar shards (a
    file, a folder, or a pattern such as train-{000..146}.tar), or Parquet files as Hugging Face's data sets have them.

    A run's folder, or a file inside one, gets its results into that folder's evaluation/, as JSON and CSV.
    Exit codes: 0 done, 1 failed, 2 wrong command line or input, 130 stopped by Ctrl-C.
    """)
{
    LinearCommand.Create(signals.Token),
    KnnCommand.Create(signals.Token),
    FewShotCommand.Create(signals.Token),
    FineTuneCommand.Create(signals.Token),
    DiagnosticsCommand.Create(signals.Token),
    ClusterCommand.Create(signals.Token),
    RetrievalCommand.Create(signals.Token),
    EmbedCommand.Create(signals.Token),
    MapCommand.Create(signals.Token),
    ExportCommand.Create(),
    InspectCommand.Create(),
};
return CommandRun.Run("evaluate", command, args, signals);
