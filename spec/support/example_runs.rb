# frozen_string_literal: true

require "tmpdir"

# Example scripts run as programs, in a directory of their own.
RSpec.shared_context "example runs" do
  include_context "base set"

  let(:directory) { Dir.mktmpdir }

  after { FileUtils.rm_rf(directory) }

  # @return [Processes::ScriptResult] of the script, which finds its temporary files in the directory too
  def run_example(name, *arguments)
    run_script(File.join(Processes::ROOT, "examples", name), *arguments,
               chdir: directory, env: { "TMPDIR" => directory })
  end

  # The script said this and nothing else, and left nothing behind.
  def expect_output(result, lines)
    expect(result.stderr).to eq("")
    expect(result.stdout.lines(chomp: true)).to match(lines)
    expect(result).to be_success
    expect(Dir.children(directory)).to eq([])
    eventually(5, "processes are left") { processes_in(directory).empty? }
  end

  # Children of a script that has ended are no longer found by their parent, but by where they are.
  def processes_in(directory)
    Dir["/proc/[0-9]*/cwd"].select do |link|
      File.readlink(link) == File.realpath(directory)
    rescue SystemCallError
      false
    end
  end
end
