namespace MoCo.Data;

/// <summary>Which of CIFAR-100's two labels counts.</summary>
public enum CifarLabels
{
    /// <summary>The hundred classes; CIFAR-10's ten.</summary>
    Fine,

    /// <summary>The twenty superclasses of CIFAR-100.</summary>
    Coarse,
}
