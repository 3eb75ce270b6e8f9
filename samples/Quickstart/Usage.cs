using MoCo.Encoders;

namespace Quickstart;

/// <summary>What <c>--help</c> prints.</summary>
internal static class Usage
{
    public static string Text { get; } = $"""
        Pretrains a small ResNet on Fashion-MNIST or on your own images by Momentum Contrast, without looking at a
        label, and measures what its features are worth: k-nearest-neighbour accuracy of raw pixels, the untrained and
        the trained encoder.

          bash samples/quickstart.sh [FOLDER] [options]

          FOLDER              a folder with the four files of Fashion-MNIST, MNIST or a relative of theirs, or with
                              photographs (JPEG, PNG, WebP, BMP, GIF, TIFF) of any sizes: one folder for each class
                              (every fifth image is kept for testing), or train/ and val/ with such folders, or no
                              classes, which trains without measuring accuracy
                              (default: Debian's package dataset-fashion-mnist)
          --minutes M         time for the whole job, what is measured before and after training included
                              (default: 5). The learning rate follows the time, so that training ends well
                              whatever the machine's speed; at least half of the time is for training
          --epochs N          train exactly N epochs, as far as the time allows; with --resume: N in all
          --resume [FILE]     go on from a checkpoint (default: moco.ckpt in the output folder): for what the run
                              has left of its time or epochs; with --minutes M: for M more minutes
          --out DIR           where the results go; those of an earlier run are replaced (default: artifacts/quickstart)
          --size N            width and height of a view, 8 to 512 (default: 28 for Fashion-MNIST; for photographs
                              their usual shorter side, at most 128). Up to 64 the encoder has the small-image stem
          --seed S            seed of weights, order and views (default: 0)
          --threads N         threads that compute (default: all processors, {Environment.ProcessorCount} here)
          --help              this text

        Writes moco.ckpt (everything, to resume), backbone.safetensors (the weights to keep, torchvision's names),
        curve.csv, curve.svg and summary.json (accuracies in percent). Ctrl-C finishes the step, saves and says how
        to go on; a second Ctrl-C ends at once.

        Examples
          bash samples/quickstart.sh                          the five-minute run
          bash samples/quickstart.sh --minutes 30             a longer one: better features
          bash samples/quickstart.sh --resume --minutes 10    train on for ten more minutes
          bash samples/quickstart.sh ~/photos --size 96       photographs, as views of 96×96
          bash samples/quickstart.sh --resume --epochs 40     train on, to 40 epochs in all
          bash samples/quickstart.sh ~/mnist --out ~/results  other images, other place

        Exit codes: 0 done; 2 wrong arguments or data; 130 stopped by Ctrl-C (saved); 1 anything else.
        """;
}
