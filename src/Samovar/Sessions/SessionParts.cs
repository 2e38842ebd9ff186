using Microsoft.Extensions.Logging;
using Samovar.Budgets;
using Samovar.Chains;
using Samovar.Relays;
using Samovar.Running;
using Samovar.Turns;

namespace Samovar.Sessions;

/// <summary>What all sessions of a node share.</summary>
/// <param name="Peers">Finds what other nodes run; null: there are none.</param>
internal sealed record SessionParts(TurnPipeline Pipeline, IChainStore Store, SessionOptions Options, SessionMetrics Metrics,
    RetentionBudget Retention, MemoryShares Memory, RunningTurns Running, TimeProvider Time, ILogger<Session> Logger,
    IPeerReplays? Peers = null);
