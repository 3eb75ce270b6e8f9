namespace Pretrain;

/// <summary>The named recipes of views.</summary>
internal enum ViewKind
{
    V1,
    V2,
    Cifar,
    Grey,
}
