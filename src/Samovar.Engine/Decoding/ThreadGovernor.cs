namespace Samovar.Engine.Decoding;

/// <summary>
/// Chooses between all threads and one, by what steps cost. The library's threads wait for each other by spinning: on a machine whose cores
/// are busy with other things, two threads can be many times slower than one.
/// </summary>
/// <remarks>
/// Pure but for its memory: the same steps and times give the same choices. Prefill, single tokens and tokens of several turns are judged
/// apart. Times are never the same, so where the number of threads changes a result it has to be fixed: attention of a single token splits
/// its sums by threads. Sums of all other batches do not depend on it.
/// </remarks>
internal sealed class ThreadGovernor(int threadsMax, bool isFixed = false)
{
    private const int TrialAfterFirst = 4;   // steps until the other choice is tried,
    private const int TrialAfterMax = 2048;  // and the most, after trials that did not pay
    private const int TrialAfterDear = 128;  // where the other choice costs several times as much, a trial is not cheap either
    private const double Dear = 3;
    private const double Weight = 0.3;
    private const double Gain = 0.9;         // the other choice must be clearly cheaper
    private readonly double[] _cost = [0, 0];
    private int _chosen;                     // 0 all threads, 1 one
    private int _trialAfter = TrialAfterFirst;
    private int _steps;
    private bool _isTrial;

    /// <summary>Threads for the next step.</summary>
    public int Threads => (_isTrial ? 1 - _chosen : _chosen) == 0 ? threadsMax : 1;

    /// <summary>Learns what a step cost, per token.</summary>
    public void Stepped(double secondsPerToken)
    {
        if (threadsMax == 1 || isFixed) return;
        if (_isTrial)
        {
            _cost[1 - _chosen] = secondsPerToken;
            (_isTrial, _steps, _trialAfter) = (false, 0, Math.Min(_trialAfter * 2, TrialAfterMax));
        }
        else
            _cost[_chosen] = _cost[_chosen] == 0 ? secondsPerToken : _cost[_chosen] + Weight * (secondsPerToken - _cost[_chosen]);
        if (_cost[1 - _chosen] > 0 && _cost[1 - _chosen] < Gain * _cost[_chosen])
            (_chosen, _steps, _trialAfter) = (1 - _chosen, 0, TrialAfterFirst);
        if (_cost[1 - _chosen] > Dear * _cost[_chosen]) _trialAfter = Math.Max(_trialAfter, TrialAfterDear);
        if (++_steps >= _trialAfter) _isTrial = true;
    }
}
