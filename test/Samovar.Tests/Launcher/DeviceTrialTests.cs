using Samovar.Cli.Commands;
using Samovar.Engine;

namespace Samovar.Tests.Launcher;

/// <summary>Whatever a driver does to the process of the trial, the server gets a sentence.</summary>
public sealed class DeviceTrialTests
{
    [Fact]
    public void DeviceThatWorks_HasNoFault() => Assert.Null(FaultOf("exit 0"));

    [Fact]
    public void Reason_IsTheTrialsOwn() =>
        Assert.Equal("no device was found", FaultOf("echo noise; echo 'try-device: no device was found' >&2; exit 1"));

    [Fact]
    public void Crash_IsSaidWithItsLastLine()
    {
        var fault = FaultOf("echo 'terminate called after throwing vk::DeviceLostError' >&2; kill -ABRT $$");
        Assert.Equal("its driver ended the trial with status 134: terminate called after throwing vk::DeviceLostError", fault);
    }

    [Fact]
    public void TrialThatHangs_IsEnded() =>
        Assert.StartsWith("it did not start within", FaultOf("exec sleep 600", TimeSpan.FromMilliseconds(50)), StringComparison.Ordinal);

    [Fact]
    public void EndlessTalk_IsBounded() => Assert.NotNull(FaultOf("i=0; while [ $i -lt 5000 ]; do echo line $i; i=$((i+1)); done; exit 3"));

    [Fact]
    public void LibraryAndDevice_AreHandedOver() =>
        Assert.Equal("--library /lib --device vulkan", FaultOf("echo \"try-device: $1 $2 $3 $4\"; exit 1"));

    [Fact]
    public void ProcessThatADriverLeavesRunning_IsNotWaitedFor()
    {
        const string late = "(sleep 10; echo 'try-device: too late') &";
        Assert.Equal("no device was found", FaultOf($"{late} echo 'try-device: no device was found'; exit 1"));
    }

    [Fact]
    public void TrialThatCannotBeStarted_IsAFault()
    {
        var options = new EngineOptions { ModelPath = "model.gguf" };
        var fault = new DeviceTrial(options) { Program = ["/no/such/program"] }.FaultOf("/lib", "vulkan");
        Assert.StartsWith("its trial could not be started: ", fault, StringComparison.Ordinal);
    }

    private static string? FaultOf(string script, TimeSpan? limit = null)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "The trial is played by a shell.");
        var options = new EngineOptions { ModelPath = "model.gguf", DeviceTrialMax = limit ?? new EngineOptions().DeviceTrialMax };
        return new DeviceTrial(options) { Program = ["/bin/sh", "-c", script] }.FaultOf("/lib", "vulkan");
    }
}
