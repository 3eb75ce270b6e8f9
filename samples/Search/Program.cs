using Search;

using StopSignals signals = new();
RootCommand command = new("""
    Searches images by what they show, with any encoder.

    search index ~/photos --encoder backbone.safetensors --out photos.safetensors
    search query cat.jpg --index photos.safetensors --html hits.html
    search duplicates --index photos.safetensors --threshold 0.98 --html duplicates.html
    search dedup --index photos.safetensors --threshold 0.98 --csv dedup.csv
    search cluster --index photos.safetensors --clusters 10 --html clusters.html

    Exit codes: 0 done, 1 failed, 2 wrong command line or input, 130 stopped by Ctrl-C.
    """)
{
    IndexCommand.Create(signals.Token),
    QueryCommand.Create(signals.Token),
    DuplicatesCommand.Create(signals.Token),
    DedupCommand.Create(signals.Token),
    ClusterCommand.Create(signals.Token),
};
return CommandRun.Run("search", command, args, signals);
