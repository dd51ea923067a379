# frozen_string_literal: true

require "etc"
require "fileutils"
require "tmpdir"

# A server for a while: in a directory of its own, of a user without rights, gone with the process that
# started it. Subclasses say how.
class ThrowawayServer
  # It is not installed, or does not start.
  class Unavailable < StandardError; end

  SECONDS_TO_START = 30
  private_constant :SECONDS_TO_START

  # @return [String] where its files and its socket are
  attr_reader :directory

  # @param name [String] of a program
  # @param places [Array<String>] patterns of directories besides those of PATH
  # @return [String, nil] its path
  def self.find(name, places = [])
    directories = ENV.fetch("PATH", "").split(":") + %w[/usr/sbin /usr/local/sbin] + Dir[*places].reverse
    directories.map { |directory| File.join(directory, name) }.find { |path| File.executable?(path) }
  end

  # @param directory [String, nil] of one that runs already
  def initialize(directory = nil)
    @directory = directory
  end

  # @return [self]
  # @raise [Unavailable]
  def start
    @directory = Dir.mktmpdir("minigun")
    FileUtils.chown(user.uid, user.gid, directory) if root?
    prepare
    @pid = launch(*command)
    wait_until_ready
    self
  rescue Unavailable
    stop
    raise
  end

  # @return [void]
  def stop
    if @pid
      Process.kill(:QUIT, @pid)
      Process.wait(@pid)
    end
  rescue Errno::ESRCH, Errno::ECHILD
    nil
  ensure
    @pid = nil
    FileUtils.rm_rf(directory) if directory
  end

  private

  def prepare; end

  # Nobody is to find a server that the program did not stop because it was killed itself.
  def launch(*command)
    Process.spawn(*as_user, *command, chdir: directory, in: File::NULL, %i[out err] => [log, "a"])
  end

  # @raise [Unavailable]
  def complete(*command)
    Process.wait(launch(*command))
    raise Unavailable, "#{command.first} failed: #{last_words}" unless Process.last_status.success?
  end

  def as_user
    setpriv = self.class.find("setpriv") or raise Unavailable, "setpriv is not there"
    change = root? ? ["--reuid=#{user.uid}", "--regid=#{user.gid}", "--clear-groups"] : []
    [setpriv, *change, "--pdeathsig=QUIT"]
  end

  def wait_until_ready
    deadline = now + SECONDS_TO_START
    until ready?
      raise Unavailable, "#{command.first} ended: #{last_words}" if Process.wait(@pid, Process::WNOHANG)
      raise Unavailable, "#{command.first} does not answer: #{last_words}" if now > deadline

      IO.select(nil, nil, nil, 0.02)
    end
  end

  def root? = Process.uid.zero?
  def user = @user ||= Etc.passwd { |one| break one if one.name == "nobody" }
  def log = File.join(directory, "log")
  def last_words = File.exist?(log) ? File.readlines(log).last(3).join(" ").strip : ""
  def now = Process.clock_gettime(Process::CLOCK_MONOTONIC)
end
