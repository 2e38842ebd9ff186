using System.Collections.Concurrent;
using Samovar.Backends;
using Samovar.Chains;
using Samovar.Protocol.Responses;

namespace Samovar.Testing.Faults;

/// <summary>A backend that says one word, and may break at every step of it.</summary>
internal sealed class FaultyBackend(Fault fault) : IBackend
{
    private static readonly BackendModel[] Served = [new("faulty", "samovar", 1000)];
    private readonly ConcurrentQueue<FaultyState> _states = new();

    public IReadOnlyList<BackendModel> Models
    {
        get
        {
            fault.At("router");
            return Served;
        }
    }

    /// <summary>Where a turn waits behind its first word; null: nowhere.</summary>
    public PhaseGate? Gate { get; set; }

    /// <summary>The warm state of every turn that was finished.</summary>
    public IReadOnlyCollection<FaultyState> States => _states;

    public IAsyncEnumerable<BackendEvent> RunAsync(BackendTurn turn, CancellationToken turnCancelled)
    {
        fault.At("backend.run");
        return new Words(this, turnCancelled);
    }

    private async ValueTask<BackendEvent?> SayAsync(int number, CancellationToken turnCancelled)
    {
        fault.At($"backend.event.{number}");
        switch (number)
        {
            case 0: return new BackendEvent.Accepted("faulty");
            case 1: return new BackendEvent.MessageStarted();
            case 2:
                if (Gate is { } gate) await gate.PassAsync(turnCancelled);
                return new BackendEvent.Delta("word");
            case 3: return new BackendEvent.ItemDone();
            case 4:
                var state = new FaultyState(fault);
                _states.Enqueue(state);
                return new BackendEvent.Finished(Usage.Zero, State: state);
            default: return null;
        }
    }

    private bool BreaksTheOrder()
    {
        try { fault.At("fold"); }
        catch (StepBrokeException) { return true; }
        return false;
    }

    /// <summary>Written by hand: an iterator cannot break where it begins and where it is left.</summary>
    private sealed class Words(FaultyBackend backend, CancellationToken turnCancelled)
        : IAsyncEnumerable<BackendEvent>, IAsyncEnumerator<BackendEvent>
    {
        private int _number;

        public BackendEvent Current { get; private set; } = null!;

        public IAsyncEnumerator<BackendEvent> GetAsyncEnumerator(CancellationToken cancellationToken = default)
        {
            backend.Fault.At("backend.enumerate");
            turnCancelled.Register(() => backend.Fault.At("backend.cancel"));
            return this;
        }

        public async ValueTask<bool> MoveNextAsync()
        {
            if (_number == 1 && backend.BreaksTheOrder()) Current = new BackendEvent.ItemDone();
            else if (await backend.SayAsync(_number, turnCancelled) is { } said) Current = said;
            else return false;
            _number++;
            return true;
        }

        public ValueTask DisposeAsync()
        {
            backend.Fault.At("backend.leave");
            return default;
        }
    }

    private Fault Fault => fault;
}

/// <summary>Warm state that may break where it is weighed and where it is released.</summary>
internal sealed class FaultyState(Fault fault) : BackendState
{
    private int _releases;

    public int Releases => _releases;

    public override long Bytes
    {
        get
        {
            fault.At("state.bytes");
            return 1000;
        }
    }

    public override void Release()
    {
        Interlocked.Increment(ref _releases);
        fault.At("state.release");
    }
}
