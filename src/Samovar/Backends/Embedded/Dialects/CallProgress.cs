namespace Samovar.Backends.Embedded.Dialects;

/// <summary>What a call's text has come to.</summary>
internal enum CallProgress
{
    More, Done, Refused, BrokenOff,

    /// <summary>All is there but its last bracket: what follows says whether that was left out.</summary>
    Unclosed,
}
