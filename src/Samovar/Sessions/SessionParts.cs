using Microsoft.Extensions.Logging;
using Samovar.Budgets;
using Samovar.Chains;
using Samovar.Running;
using Samovar.Scheduling.Budgets;
using Samovar.Scheduling.Fairness;
using Samovar.Turns;

namespace Samovar.Sessions;

/// <summary>What all sessions of a node share.</summary>
internal sealed record SessionParts(TurnPipeline Pipeline, IChainStore Store, SessionOptions Options, SessionMetrics Metrics,
    RetentionBudget Retention, MemoryShares Memory, RunningTurns Running, TimeProvider Time, ILogger<Session> Logger);
