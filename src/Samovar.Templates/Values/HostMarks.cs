namespace Samovar.Templates.Values;

/// <summary>Characters that a host puts into texts and takes out of what is rendered: no filter escapes them.</summary>
internal static class HostMarks
{
    /// <summary>Both are noncharacters: no text meant to be read has them.</summary>
    public const char Cut = '\uFDD0', Escape = '\uFDD1';

    public static bool Is(int code) => code is Cut or Escape;
}
