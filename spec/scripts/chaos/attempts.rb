# frozen_string_literal: true

# Recounts attempts: none that the stage does not allow, none that nothing has made necessary, none
# whose outcome is not what the item met, and what goes on stems from the last one.
#
# In a process an attempt may also end by somebody else's KILL, and where there is a deadline on a
# machine that is too slow.
class ChaosAttempts
  # @param lines [Hash{Symbol => Array<ChaosOracle::Line>}]
  # @param failures [Hash{Symbol => Array<Minigun::Failure>}]
  def initialize(shape, lines, failures, stats, course)
    @shape = shape
    @lines = lines
    @failures = failures
    @stats = stats
    @course = course
  end

  # @return [Array<String>] what is wrong
  def problems
    @problems = []
    @shape.stages.each do |step|
      check_number(step)
      check_origin(step)
      next unless @course.whole?

      check_last(step)
      check_each(step) unless step.lists?
    end
    @problems
  end

  private

  # @return [Hash{String => Array<Integer>}] numbers of the attempts that were executed, by path
  def attempts(step)
    @lines.fetch(step.name, []).group_by(&:path).transform_values { |list| list.map(&:attempt) }
  end

  # In a list that is taken apart an item is executed once for each size, and attempts start again.
  def check_number(step)
    attempts(step).each do |path, numbers|
      wrong(step, path, "attempt #{numbers.max} of #{step.retries + 1}") if numbers.max > step.retries + 1
      wrong(step, path, "executed as attempts #{numbers.sort}") if numbers.uniq != numbers && !step.bisect
    end
  end

  # Nothing goes on from an attempt of a stage with retries but the last.
  def check_origin(step)
    origins = @shape.steps.to_h { |other| [other, attempts(other)] }
    @lines.fetch(step.name, []).each do |line|
      parent = line.path.rpartition(".").first
      emitter = origins.keys.find { |other| other.name != step.name && origin?(other, origins[other], line, parent) }
      next if emitter.nil? || emitter.bisect || origins[emitter][parent].max == line.from

      wrong(step, line.path, "came from attempt #{line.from} of #{origins[emitter][parent]} in #{emitter.name}")
    end
  end

  def origin?(other, numbers, line, parent) = numbers.key?(parent) && @shape.children(other, parent).include?(line.path)

  # What went well had nothing in its way.
  def check_last(step)
    bad = failed(step)
    attempts(step).each do |path, numbers|
      next if bad.key?(path)

      error = @shape.error(step, path, numbers.max)
      wrong(step, path, "went well in spite of #{error} in attempt #{numbers.max}") if error && !step.bisect
    end
  end

  # @return [Hash{String => Minigun::Failure}]
  def failed(step)
    @failures.fetch(step.name, []).each_with_object({}) do |failure, paths|
      failure.item.scan(/\["([\d.]+)"/) { |(path)| paths[path] = failure }
    end
  end

  def check_each(step)
    bad = failed(step)
    numbers = attempts(step)
    numbers.each { |path, list| check_reasons(step, path, list) }
    bad.each { |path, failure| check_failure(step, path, failure, numbers.fetch(path, [])) }
    expected = (numbers.keys | bad.keys).sum { |path| (bad[path]&.attempt || numbers[path].max) - 1 }
    retried = @stats.fetch(step.name).account[:retried]
    wrong(step, "all", "#{retried} retried, #{expected} expected") unless retried == expected
  end

  # @return [Array<Class>] errors that may have ended an attempt
  def errors(step, path, attempt)
    others = []
    others << Minigun::WorkerDied if step.forked?
    others << Minigun::WorkerTimeout if step.timeout
    [@shape.error(step, path, attempt), *others].compact.uniq
  end

  def check_reasons(step, path, numbers)
    deaths = numbers.count { |number| @shape.error(step, path, number) == Minigun::WorkerDied }
    wrong(step, path, "#{deaths} processes died of it") if deaths > Minigun::Recovery::MAX_DEATHS
    numbers.reject { |number| number == numbers.max }.each do |number|
      next if errors(step, path, number).any? { |error| step.again?(error, number) }

      wrong(step, path, "attempt #{number} was followed by another: #{errors(step, path, number)}")
    end
  end

  def check_failure(step, path, failure, numbers)
    error = failure.error
    wrong(step, path, "attempt #{numbers.max} after the last") if numbers.any? { |number| number > failure.attempt }
    return check_poison(step, path, failure) if error.is_a?(Minigun::PoisonItem)

    possible = errors(step, path, failure.attempt)
    fits = possible.any? { |one| error.is_a?(one) }
    wrong(step, path, "failed with #{error.inspect} instead of #{possible}") unless fits
    return unless step.again?(error.class, failure.attempt)

    wrong(step, path, "was not tried again after #{error.inspect}, attempt #{failure.attempt}")
  end

  def check_poison(step, path, failure)
    deaths = failure.error.deaths
    return if deaths == Minigun::Recovery::MAX_DEATHS && failure.attempt >= deaths

    wrong(step, path, "given up in attempt #{failure.attempt} after #{deaths} deaths")
  end

  def wrong(step, path, text) = @problems << "#{step.name}: #{path}: #{text}"
end
