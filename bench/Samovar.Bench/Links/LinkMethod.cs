namespace Samovar.Bench.Links;

/// <summary>How a link is made.</summary>
internal enum LinkMethod
{
    /// <summary>By the kernel where it can do that, else by a relay.</summary>
    Auto,

    /// <summary>By the kernel: network namespaces and <c>tc netem</c>.</summary>
    Netem,

    /// <summary>By a relay that delays by a model of TCP.</summary>
    Userspace,
}
