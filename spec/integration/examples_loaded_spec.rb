# frozen_string_literal: true

RSpec.describe "the examples as files (contract 3.7, 17)" do
  include_context "example runs"

  let(:scripts) { Dir[File.join(Processes::ROOT, "examples", "*.rb")].sort }

  # Ruby source that loads the scripts, in an order that the seed of this run decides.
  def load_in_random_order(paths)
    order = paths.shuffle(random: Random.new(RSpec.configuration.seed))
    order.map { |path| "load #{path.inspect}\n" }.join
  end

  it "are all run by a spec" do
    specs = Dir[File.join(__dir__, "examples*_spec.rb")] - [__FILE__]
    named = specs.flat_map { |path| File.read(path).scan(/\b(?:\d\d_\w+|code_index|publisher)\.rb\b/) }
    expect(named.uniq).to match_array(scripts.map { |path| File.basename(path) })
  end

  it "load into one process, twice and in any order, without a word" do
    expect_output(run_script("#{load_in_random_order(scripts * 2)}\n", chdir: directory), [])
  end

  it "run the same as ever when all were loaded twice before" do
    %w[10_accumulator_fan_out.rb 20_statistics_by_hooks.rb 23_rerouting.rb].each do |name|
      path = File.join(Processes::ROOT, "examples", name)
      program = "#{load_in_random_order(scripts * 2)}$PROGRAM_NAME = #{path.inspect}\nload $PROGRAM_NAME\n"
      alone, reloaded = [run_example(name), run_script(program, chdir: directory)].map do |result|
        expect(result.stderr).to eq("")
        result.stdout.gsub(/seconds: [\d.]+/, "seconds")
      end
      expect(alone).to include("\n")
      expect(reloaded).to eq(alone)
    end
  end

  it "say what they are for, and are short" do
    numbered = scripts.grep(%r{/\d\d_[a-z_]+\.rb\z})
    texts = numbered.to_h { |path| [File.basename(path), File.readlines(path, chomp: true)] }
    expect(texts).to all(satisfy { |_name, lines| lines.size.between?(30, 120) })
    head = ["#!/usr/bin/env ruby", "# frozen_string_literal: true", ""]
    expect(texts.transform_values { |lines| lines.first(3) }).to all(satisfy { |_name, lines| lines == head })
    comments = texts.transform_values { |lines| lines.drop(3).take_while { |line| line.start_with?("#") }.size }
    expect(comments).to all(satisfy { |_name, size| size.positive? })
    expect(numbered).to all(satisfy { |path| File.executable?(path) })
  end

  it "are watched for files that they leave behind" do
    source = "require 'tempfile'\nTempfile.create('left').close\n"
    left = run_script(source, chdir: directory, env: { "TMPDIR" => directory })
    expect { expect_output(left, []) }.to raise_error(RSpec::Expectations::ExpectationNotMetError, /left/)
  end

  it "are watched for processes that they leave behind" do
    # It has left the process group of the script, as children of a run have.
    left = run_script(<<~RUBY, chdir: directory)
      gate, opened = IO.pipe
      pid = fork do
        Process.setpgid(0, 0)
        Process.setproctitle("left")
        opened.close
        sleep 60
      end
      opened.close
      gate.read
      puts pid
    RUBY
    pid = Integer(left.stdout)
    expect(left_running).to eq([pid])
    expect { expect_output(left, [pid.to_s]) }.to raise_error(RSpec::Expectations::ExpectationNotMetError, /#{pid}/)
  ensure
    Process.kill(:KILL, pid) if pid
  end
end
