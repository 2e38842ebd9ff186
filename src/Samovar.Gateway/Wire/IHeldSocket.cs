using Samovar.Chains;

namespace Samovar.Gateway.Wire;

/// <summary>An open connection to an upstream that holds the newest response that ran on it.</summary>
internal interface IHeldSocket
{
    /// <summary>No turn runs on it.</summary>
    bool IsIdle { get; }

    /// <summary>It was left because of its age, and not lost.</summary>
    bool IsRotated { get; }

    /// <summary>Whether a continuation of the response finds it here.</summary>
    bool Holds(string responseId);

    /// <summary>Its owner needs it no longer.</summary>
    void LetGo(BackendState owner);
}
