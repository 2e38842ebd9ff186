namespace Samovar.Backends.Embedded.Dialects;

/// <summary>What a call's text has come to.</summary>
internal enum CallProgress { More, Done, Refused, BrokenOff }
