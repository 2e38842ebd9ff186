using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace Samovar.Gateway.Destinations;

/// <summary>The upstreams that Samovar sits in front of, and every bound on the way to them.</summary>
public sealed class UpstreamOptions
{
    public const string Section = "Upstream";

    /// <summary>Groups of destinations that can stand in for each other.</summary>
    public IList<PoolOptions> Pools { get; init; } = [];

    /// <summary>
    /// How long a turn that has no connection to its destination waits for one where nobody else can take it; 0 lets it fail after
    /// <see cref="RetriesMax"/>. A destination of the kind <c>responses-link</c> waits so in the middle of an answer, too.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00", "01:00:00")] public TimeSpan BridgeMax { get; set; }

    /// <summary>The longest pause between two tries to connect meanwhile.</summary>
    [Range(typeof(TimeSpan), "00:00:00.010", "00:05:00")] public TimeSpan BridgePauseMax { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// Links of <c>responses-link</c>: one for each destination and tenant; with one more, the longest unused without a turn is closed.
    /// </summary>
    [Range(1, 10_000)] public int LinksMax { get; set; } = 256;

    /// <summary>Turns on one link at once; more wait for a place.</summary>
    [Range(1, 33)] public int LinkTurnsMax { get; set; } = 33;

    /// <summary>How often a silent link is pinged, and how long it may take to answer; then it is lost, and opened again.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:10:00")] public TimeSpan LinkPingInterval { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>See <see cref="LinkPingInterval"/>.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:10:00")] public TimeSpan LinkPingTimeMax { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>Keys of clients that are remembered for destinations that get them (<c>PassesKeys</c>).</summary>
    [Range(1, 100_000)] public int CallerKeysMax { get; set; } = 1000;

    /// <summary>TCP, TLS and the WebSocket handshake.</summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "00:02:00")] public TimeSpan ConnectTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// When a connection whose other side is gone without a word is given up: how long what was sent may stay unacknowledged, and the
    /// probes of a silent connection unanswered.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:06", "01:00:00")] public TimeSpan ConnectionLostAfter { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>From the request's last byte to the first event. A cold prefill of a long context stays silent for this long.</summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "01:00:00")] public TimeSpan FirstEventTimeout { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>
    /// A destination gets no new turns, where others can take them, while a turn there waits for its first event for more than three times
    /// what is usual there; never sooner than this.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "01:00:00")] public TimeSpan OverdueMin { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>The same, never later than this, and after this where nothing is known yet.</summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "01:00:00")] public TimeSpan OverdueMax { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>
    /// Whether a turn whose first event is overdue is given up there and sent to another destination, once; the first one may compute, and
    /// bill, what nobody reads.
    /// </summary>
    public bool OverdueMoves { get; set; } = true;

    /// <summary>Between two events.</summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "01:00:00")] public TimeSpan IdleTimeout { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>
    /// How long an upstream may send what brings nothing of its answer: comments, pings, empty deltas. From its first sign of life to the
    /// first token, and between two.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "06:00:00")] public TimeSpan ProgressTimeout { get; set; } = TimeSpan.FromMinutes(15);

    /// <summary>
    /// How long an upstream that has said why its answer ended is waited for until it says what was used; then the turn has finished,
    /// and the connection is dropped.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:01:00")] public TimeSpan FinishTimeMax { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>The same for an upstream that has said both, and does not end its stream.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:01:00")] public TimeSpan EndTimeMax { get; set; } = TimeSpan.FromSeconds(0.5);

    /// <summary>
    /// How long an upstream that was sent the user's words may take to end its response, once that is due; then the attempt is left, and
    /// what came of the response is kept.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:01:00")] public TimeSpan SteeredEndTimeMax { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>How long the response may take to begin that follows by itself; then the whole context is sent.</summary>
    [Range(typeof(TimeSpan), "00:00:00.001", "00:10:00")] public TimeSpan SuccessorTimeMax { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// How long an upstream that was sent outputs of calls may take to answer; then the response ends early, and what follows has them.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00.001", "00:01:00")] public TimeSpan InjectAnswerTimeMax { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>How long no outputs are sent so to an upstream that does not know the frame, or does not answer it.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "1.00:00:00")] public TimeSpan InjectRetryAfter { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary>Attempts of one turn beyond the first, whatever the faults were.</summary>
    [Range(0, 10)] public int RetriesMax { get; set; } = 2;

    /// <summary>Wait before an attempt that can only go to the destination that has just failed; doubles each time.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:01:00")] public TimeSpan RetryDelay { get; set; } = TimeSpan.FromMilliseconds(200);

    /// <summary>How long a response's destination is remembered after it was last used.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "7.00:00:00")] public TimeSpan AffinityTtl { get; set; } = TimeSpan.FromHours(4);

    /// <summary>Names of conversations whose destination is remembered, in memory and in the file.</summary>
    [Range(1, 10_000_000)] public int AffinityEntriesMax { get; set; } = 100_000;

    /// <summary>
    /// The file in the data folder that keeps affinity over a restart; empty keeps it in memory only. Nothing of <c>store:false</c> goes
    /// there.
    /// </summary>
    [StringLength(256)] public string AffinityPath { get; set; } = "affinity.db";

    /// <summary>How long memories of affinity are gathered before they are written at once.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:05:00")] public TimeSpan AffinityWriteDelay { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>Memories of affinity that wait to be written; with one more, the longest unused is not written.</summary>
    [Range(1, 10_000_000)] public int AffinityQueueMax { get; set; } = 10_000;

    /// <summary>
    /// Sockets that no turn uses, for each destination; with one more, the longest idle of the tenant that keeps most is closed.
    /// </summary>
    [Range(0, 1_000_000)] public int IdleSocketsMax { get; set; } = 10_000;

    /// <summary>How long a socket that no turn uses is kept.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "1.00:00:00")] public TimeSpan IdleSocketLifetime { get; set; } = TimeSpan.FromMinutes(30);

    /// <summary>How long HTTP is used for a destination that refused the upgrade, before WebSocket is tried again.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "1.00:00:00")] public TimeSpan UpgradeRetryAfter { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary>
    /// How long a destination that does not have a model is asked for it only where all others of its pool do not have it either.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00", "1.00:00:00")] public TimeSpan ModelRetryAfter { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>How long a pool that was asked to compact a conversation and did not is not asked again.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "1.00:00:00")] public TimeSpan CompactionRetryAfter { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary>
    /// How long an answer that its client does not read keeps its place at its destination; then another turn may have it
    /// (<c>InFlightMax</c>), and the answer goes on when it is read, beside that one.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "01:00:00")] public TimeSpan UnreadPlaceTime { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>One upstream event or frame.</summary>
    [Range(1024, int.MaxValue)] public int EventBytesMax { get; set; } = 64 << 20;

    /// <summary>Events that wait because an upstream runs two items at once; together they hold no more bytes than one event may.</summary>
    [Range(1, 1_000_000)] public int HeldEventsMax { get; set; } = 4096;

    /// <summary>
    /// Failures in a row that open a destination's circuit.
    /// </summary>
    [Range(1, 1000)] public int CircuitFailures { get; set; } = 5;

    /// <summary>How long a circuit stays open at first; doubles each time it opens again.</summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "01:00:00")] public TimeSpan CircuitOpenTime { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>How long a circuit stays open at most.</summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "01:00:00")] public TimeSpan CircuitOpenMax { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>Pause after a 429 without <c>retry-after</c>.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "01:00:00")] public TimeSpan CooldownDefault { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>The longest pause that an upstream may ask for.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "1.00:00:00")] public TimeSpan CooldownMax { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary>How long a destination that said 429 is left alone.</summary>
    /// <param name="asked">What it asked for; null: nothing.</param>
    internal TimeSpan CooldownFor(TimeSpan? asked) =>
        (asked ?? CooldownDefault) is var pause && pause < CooldownMax ? pause : CooldownMax;

    /// <summary>How often the destinations that have a health path are asked.</summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "01:00:00")] public TimeSpan HealthInterval { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>How long the answer to a health check may take.</summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "00:10:00")] public TimeSpan HealthTimeout { get; set; } = TimeSpan.FromSeconds(3);

    /// <summary>
    /// Answers to health checks that are too late in a row before a destination gets no turns that nobody else can take; where another
    /// one can, the first is enough.
    /// </summary>
    [Range(1, 1000)] public int HealthLateMax { get; set; } = 3;

    /// <summary>
    /// Models that are taken from the list of a destination that any name (<c>*</c>) is passed on to, for <c>/v1/models</c>; 0 asks none.
    /// </summary>
    [Range(0, 10_000)] public int ListedModelsMax { get; set; } = 1000;

    /// <summary>How long such a list is taken as it is before it is asked for again.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "7.00:00:00")] public TimeSpan ModelsInterval { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary>How long such a list may take to come.</summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "00:10:00")] public TimeSpan ModelsTimeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>Requests a minute that one prefix key carries before a second bucket opens.</summary>
    [Range(1, 100_000)] public int PrefixBucketRequests { get; set; } = 15;

    /// <summary>Prefix keys that are counted.</summary>
    [Range(1, 10_000_000)] public int PrefixesMax { get; set; } = 10_000;
}

/// <summary>Ranges of <see cref="UpstreamOptions"/>; the pools themselves are checked by <see cref="PoolsCheck"/>.</summary>
[OptionsValidator]
public sealed partial class UpstreamOptionsValidator : IValidateOptions<UpstreamOptions>;
