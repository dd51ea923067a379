# frozen_string_literal: true

# Every Ruby block of the README is a program of its own; what stands in a comment behind a `p` line
# is what that line prints.
RSpec.describe "README" do
  # A block of Ruby and the line of the README where it starts.
  block = Struct.new(:line, :source) do
    # What a comment promises, in order: nil for a `p` without one.
    def promises
      source.lines.grep(/^\s*p\s/).map { |text| text[/#\s*=>\s*(.*?)\s*$/, 1] }
    end
  end

  readme = File.readlines(File.join(Processes::ROOT, "README.md"))
  starts = readme.each_index.select { |index| readme[index].start_with?("```ruby") }
  programs = starts.map do |start|
    length = readme.drop(start + 1).index { |line| line.start_with?("```") }
    block.new(start + 1, readme[start + 1, length].join)
  end

  let(:text) { File.read(File.join(Processes::ROOT, "README.md")) }

  # The program prints what it prints; its log goes to stderr, and `p` marks its own lines.
  let(:prelude) do
    <<~RUBY.lines.map(&:chomp).join("; ")
      require "minigun"
      Minigun.logger = Logger.new($stderr)
      def p(value) = super.tap { $stderr.puts("\x01" + value.inspect) }
    RUBY
  end

  # A promise may be followed by words of explanation, set off by two spaces.
  def keeps?(promise, printed)
    promise == printed || promise.start_with?("#{printed}  ")
  end

  it "has blocks to run" do
    expect(text.scan(/^```ruby$/).size).to be >= 4
    expect(text.scan(/^p .*# =>/).size).to be >= 5
  end

  programs.each do |program|
    it "keeps its promises in the block at line #{program.line}" do
      result = run_script("#{prelude}\n#{program.source}")
      expect(result).to be_success, result.stderr
      printed = result.stderr.lines.filter_map { |line| line[/\A\x01(.*)/, 1] }
      expect(printed.size).to eq(program.promises.size)
      printed.zip(program.promises).each do |value, promise|
        expect(keeps?(promise, value)).to be(true), "#{value} was printed, #{promise} was promised" if promise
      end
    end
  end

  it "names only commands and files that are there" do
    commands = text.scan(%r{\bbin/\w+}).uniq
    expect(commands).to include("bin/demo", "bin/test")
    commands.each { |path| expect(File.executable?(File.join(Processes::ROOT, path))).to be(true), path }
  end
end
