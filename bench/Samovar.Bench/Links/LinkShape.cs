namespace Samovar.Bench.Links;

/// <summary>What a link does to what goes over it.</summary>
/// <param name="Name">As the command line has it.</param>
/// <param name="RoundTrip">Both ways together, without waiting in queues.</param>
/// <param name="DownBits">Bits a second to the client; 0 is without limit, as is the way up.</param>
/// <param name="UpBits">Bits a second from the client.</param>
/// <param name="Loss">Share of the packets that are lost, each way.</param>
internal sealed record LinkShape(string Name, TimeSpan RoundTrip, long DownBits, long UpBits, double Loss)
{
    private const long Kilobit = 1000, Megabit = 1_000_000;

    /// <summary>Nothing but this machine between the two.</summary>
    public static readonly LinkShape Lan = new("lan", TimeSpan.Zero, 0, 0, 0);
    public static readonly LinkShape Wan = new("wan", TimeSpan.FromMilliseconds(40), 50 * Megabit, 50 * Megabit, 0);
    public static readonly LinkShape Mobile = new("mobile", TimeSpan.FromMilliseconds(80), 5 * Megabit, Megabit, 0.01);
    public static readonly LinkShape Airplane = new("airplane", TimeSpan.FromMilliseconds(600), Megabit, 256 * Kilobit, 0.03);

    public static readonly IReadOnlyList<LinkShape> All = [Lan, Wan, Mobile, Airplane];
}
