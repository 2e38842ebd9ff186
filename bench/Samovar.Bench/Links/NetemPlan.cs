using System.Globalization;

namespace Samovar.Bench.Links;

/// <summary>
/// The commands of one shaped link: a network namespace that is reached over a pair of virtual interfaces, of which each delays, narrows
/// and loses what it sends.
/// </summary>
/// <param name="Process">Who made it: its process id.</param>
/// <param name="Index">Which of its links.</param>
internal sealed record NetemPlan(LinkShape Shape, int Process, int Index)
{
    public const string Prefix = "samovar-bench-";
    private const int QueuePackets = 1000, SubnetsOfProcesses = 100;
    private static readonly CultureInfo Plain = CultureInfo.InvariantCulture;

    public string Namespace => string.Create(Plain, $"{Prefix}{Process}-{Index}");

    /// <summary>The interface on this side; names are at most 15 characters long.</summary>
    public string Near => string.Create(Plain, $"sb{Process}h{Index}");
    public string Far => string.Create(Plain, $"sb{Process}n{Index}");
    public string NearAddress => Subnet + "1";

    /// <summary>Where the relay listens.</summary>
    public string FarAddress => Subnet + "2";

    private string Subnet => string.Create(Plain, $"10.{100 + (Process % SubnetsOfProcesses)}.{Index % 256}.");

    /// <summary>Makes the two ends; nothing is slow yet.</summary>
    public IReadOnlyList<IReadOnlyList<string>> Open() =>
    [
        ["ip", "netns", "add", Namespace],
        ["ip", "link", "add", Near, "type", "veth", "peer", "name", Far, "netns", Namespace],
        // losses are of segments, not of what the kernel puts together from many
        ["ip", "link", "set", Near, "gso_max_segs", "1", "up"],
        ["ip", "-n", Namespace, "link", "set", Far, "gso_max_segs", "1", "up"],
        ["ip", "addr", "add", NearAddress + "/30", "dev", Near],
        ["ip", "-n", Namespace, "addr", "add", FarAddress + "/30", "dev", Far],
        ["ip", "-n", Namespace, "link", "set", "lo", "up"],
    ];

    /// <summary>Makes it slow: this side's interface sends up, the other one down, each with half of the round trip.</summary>
    public IReadOnlyList<IReadOnlyList<string>> Shaped() =>
    [
        ["tc", "qdisc", "add", "dev", Near, "root", .. Netem(Shape.UpBits)],
        ["tc", "-n", Namespace, "qdisc", "add", "dev", Far, "root", .. Netem(Shape.DownBits)],
    ];

    /// <summary>Starts a program on the other side.</summary>
    public IReadOnlyList<string> Inside(params string[] command) => ["ip", "netns", "exec", Namespace, .. command];

    /// <summary>Takes everything away; what is not there is no fault.</summary>
    public IReadOnlyList<IReadOnlyList<string>> Close() => [["ip", "link", "del", Near], ["ip", "netns", "del", Namespace]];

    /// <summary>Of namespaces, those that a process made which is no more.</summary>
    public static IEnumerable<string> Leftovers(IEnumerable<string> namespaces, Func<int, bool> isAlive) => namespaces.Where(name =>
        name.StartsWith(Prefix, StringComparison.Ordinal) && name[Prefix.Length..].Split('-') is [var process, _]
        && int.TryParse(process, NumberStyles.None, Plain, out var id) && !isAlive(id));

    private string[] Netem(long bits)
    {
        string[] delay = ["netem", "delay", Number(Shape.RoundTrip.TotalMilliseconds / 2) + "ms", "limit", Number(QueuePackets)];
        string[] rate = bits == 0 ? [] : ["rate", Number(bits) + "bit"];
        string[] loss = Shape.Loss == 0 ? [] : ["loss", Number(Shape.Loss * 100) + "%"];
        return [.. delay, .. rate, .. loss];
    }

    private static string Number(double value) => value.ToString("0.###", Plain);
}
