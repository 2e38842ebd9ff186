@echo off
rem Samovar's launcher on Windows: PowerShell 7 where it is installed, else the one that Windows has.
setlocal
set "shell=powershell"
where pwsh >nul 2>nul && set "shell=pwsh"
"%shell%" -NoProfile -ExecutionPolicy Bypass -File "%~dp0samovar.ps1" %*
exit /b %ERRORLEVEL%
