using System.Collections.Immutable;

namespace Pretrain;

/// <summary>Settings that belong together, under a title in the help.</summary>
internal sealed record SettingGroup(string Title, ImmutableArray<Setting> Settings);
