namespace Samovar.Cli.Agents;

/// <summary>Where a turn's words appear while they are made.</summary>
internal interface ITurnScreen
{
    void Text(string delta);
}
