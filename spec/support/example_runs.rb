# frozen_string_literal: true

require "tmpdir"

# Example scripts run as programs, in a directory of their own.
RSpec.shared_context "example runs" do
  include_context "base set"

  let(:directory) { Dir.mktmpdir }

  after { FileUtils.rm_rf(directory) }

  # @return [Processes::ScriptResult] of the script, which finds its temporary files in the directory too
  def run_example(name, *arguments)
    run_script(File.join(Processes::ROOT, "examples", name), *arguments, chdir: directory,
                                                                         env: { "TMPDIR" => directory })
  end

  # The script said this and nothing else, and left nothing behind.
  def expect_output(result, lines)
    expect(result.stderr).to eq("")
    expect(result.stdout.lines(chomp: true)).to match(lines)
    expect(result).to be_success
    expect(Dir.children(directory)).to eq([])
    expect(left_running).to eq([])
  end

  # Children lead process groups of their own and may outlive a script that forgets them: they are
  # known by the directory they work in.
  #
  # @return [Array<Integer>] pids of processes that the script has left
  def left_running
    here = File.realpath(directory)
    Dir["/proc/[0-9]*/cwd"].filter_map do |path|
      Integer(path[/\d+/]) if File.readlink(path) == here
    rescue Errno::ENOENT, Errno::ESRCH, Errno::EACCES
      nil
    end
  end
end
